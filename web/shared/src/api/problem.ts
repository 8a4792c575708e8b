/** A refusal as RFC 9457 writes it. */
export interface Problem {
  type?: string
  title: string
  title_en: string
  status: number
  code: string
  detail?: string | null
  detail_en?: string | null
  fields?: Record<string, string> | null
  retry_after?: number | null
  /** Some refusals name the object to look at instead. */
  application_id?: string | null
  enterprise_id?: string | null
  missing_materials?: string[] | null
}

const OFFLINE: Problem = {
  title: '网络连接不上，请检查网络后重试',
  title_en: 'No connection. Check your network and try again.',
  status: 0,
  code: 'NETWORK',
}

const UNREADABLE = (status: number): Problem => ({
  title: '服务暂时不可用，请稍后再试',
  title_en: 'The service is unavailable right now. Please try again later.',
  status,
  code: status === 404 ? 'NOT_FOUND' : 'UNREADABLE',
})

/** Everything that goes wrong between us and the platform arrives as this. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.code)
    this.name = 'ApiError'
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }

  /** Nothing reached the platform, or nothing came back. */
  get offline(): boolean {
    return this.problem.code === 'NETWORK'
  }

  /** What to tell the reader: the title says what to do next, the detail says more. */
  text(locale: string): string {
    return locale === 'en' ? this.problem.title_en || this.problem.title : this.problem.title
  }

  detail(locale: string): string | undefined {
    return (locale === 'en' ? this.problem.detail_en : this.problem.detail) ?? undefined
  }

  static offline(): ApiError {
    return new ApiError(OFFLINE)
  }

  static async from(response: Response): Promise<ApiError> {
    const type = response.headers.get('content-type') ?? ''
    if (type.includes('json')) {
      const body: unknown = await response.json().catch(() => null)
      if (isProblem(body)) return new ApiError({ ...body, status: response.status })
    }
    return new ApiError(UNREADABLE(response.status))
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body
}

/** The text for any thrown value. */
export function errorText(error: unknown, locale: string): string {
  if (error instanceof ApiError) return error.text(locale)
  return locale === 'en' ? 'Something went wrong. Please try again.' : '出了点问题，请再试一次'
}
