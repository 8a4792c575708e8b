import type { MessageAction } from '@guiqian/shared/api'

/** The page that a message's button opens. */
export function actionPath(action: MessageAction | null | undefined): string | undefined {
  switch (action?.kind) {
    case 'open_application':
      return `/applications/${action.target_id}`
    case 'download_certificate':
      return `/applications/${action.target_id}/download`
    case 'open_certificate':
      return `/certificates/${action.target_id}`
    case 'open_feedback':
      return `/me/feedback/${action.target_id}`
    case 'open_invitation':
      return `/invitations/${action.target_id}`
    case 'open_enterprise':
      return `/enterprises/${action.target_id}`
    default:
      return undefined
  }
}
