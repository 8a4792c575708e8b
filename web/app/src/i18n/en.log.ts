import type { uses as zh } from './zh-CN.log'

/** What a key was used for. */
export const uses: typeof zh = {
  title: 'Key uses',
  open: 'What this key was used for',
  none: 'Nothing yet',
  none_text: 'Every use of this certificate will be listed here.',
  intro:
    'The issue of a certificate and every use of its key go into a transparency log. This phone checks each entry, so a later change to it shows.',
  checking: 'Checking…',
  proven: 'Checked',
  young: 'Checked soon',
  wrong: 'Does not match',
  unchecked: 'Not checked',
  all_well: 'The log is whole',
  all_well_text:
    'These entries agree with the log, and nothing in it was changed since this phone last looked. If any of them was not you, contact support at once.',
  alarm: 'The entries do not match the log',
  alarm_text:
    'What the platform shows does not agree with the log that it signed. Do not use this certificate for now, keep a screenshot of this page, and ask the issuing institution at once.',
  log: {
    other_key: 'The log is signed with another key than this phone saw before.',
    unsigned: 'The log has no valid signature.',
    rewritten: 'The log differs from what this phone saw before; it may have been rewritten.',
    ok: 'The entries marked “Does not match” differ from the log.',
  },
  failed: 'Could not be checked',
  failed_text: 'The entries are shown but have not been checked; please try again.',
  asked_by: 'Asked for by {name}',
  action: {
    issued: 'Certificate issued',
    made: 'Key made',
    login: 'Login',
    sign: 'Document signed',
    certificate_request: 'Certificate request signed',
    certificate_revocation: 'Statement of revocation signed',
    phone_change: 'Change of phone number confirmed',
    signed: 'Signed with the key',
    pin_wrong: 'Wrong certificate PIN',
    pin_changed: 'Certificate PIN changed',
    pin_reset: 'Certificate PIN reset',
    unfrozen: 'Unfrozen',
    recovery_begun: 'Recovery of the PIN begun',
    reset_released: 'Reset credentials released',
    frozen: 'Frozen: it may have been copied',
    other: 'Something else',
  },
}
