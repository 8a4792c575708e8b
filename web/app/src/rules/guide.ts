import type { Me } from '@guiqian/shared/api'

export const GUIDE_STEPS = ['verify', 'apply', 'download'] as const
export type GuideCard = (typeof GUIDE_STEPS)[number]

export interface Guide {
  /** Which of the three steps is next; 3 when all are done. */
  current: 0 | 1 | 2 | 3
  /** The application waits for somebody else. */
  waiting: boolean
  /** Where the button leads. */
  target: string
}

/** 去认证 → 去申请 → 去下载 from what the platform says about this account (manual 1.4). */
export function guideOf(me: Pick<Me, 'guide' | 'guide_application_id'>): Guide {
  const application = me.guide_application_id
  switch (me.guide) {
    case 'verify':
      return { current: 0, waiting: false, target: '/verify' }
    case 'apply':
      return { current: 1, waiting: false, target: application ? `/applications/${application}` : '/apply' }
    case 'wait':
      return {
        current: 1,
        waiting: true,
        target: application ? `/applications/${application}` : '/certificates?tab=pending',
      }
    case 'download':
      return {
        current: 2,
        waiting: false,
        target: application ? `/applications/${application}/download` : '/messages',
      }
    case 'done':
      return { current: 3, waiting: false, target: '/certificates' }
  }
}
