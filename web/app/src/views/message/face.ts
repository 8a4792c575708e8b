import {
  IconAlert,
  IconCertificate,
  IconDownload,
  IconInvitation,
  IconMessage,
  IconOk,
  IconOrganisation,
  IconPermission,
  IconRefused,
  IconShield,
  IconSigned,
} from '@guiqian/shared/icons'
import type { Component } from 'vue'

type Face = { icon: Component; tone: 'calm' | 'ok' | 'danger' | 'warn' }

/** The picture of a message by the words its kind is made of, so that new kinds find one too. */
const faces: [RegExp, Face][] = [
  [/refus|fail/, { icon: IconRefused, tone: 'danger' }],
  [/lock|clone|suspect|pin/, { icon: IconAlert, tone: 'warn' }],
  [/^consent|authorisation/, { icon: IconPermission, tone: 'warn' }],
  [/invitation/, { icon: IconInvitation, tone: 'warn' }],
  [/admin|member|enterprise/, { icon: IconOrganisation, tone: 'calm' }],
  [/ready|download|approved/, { icon: IconDownload, tone: 'ok' }],
  [/issued|certificate/, { icon: IconCertificate, tone: 'ok' }],
  [/sign/, { icon: IconSigned, tone: 'calm' }],
  [/verif|identity|login/, { icon: IconShield, tone: 'calm' }],
  [/done/, { icon: IconOk, tone: 'ok' }],
]

export function messageFace(kind: string): Face {
  return faces.find(([pattern]) => pattern.test(kind))?.[1] ?? { icon: IconMessage, tone: 'calm' }
}
