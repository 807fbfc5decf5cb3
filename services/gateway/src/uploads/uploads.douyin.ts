import { Title } from '@fanone/contracts'
import { z } from 'zod'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import type { RequestPolicy } from '../http/request-policy.ts'
import { MissingTokenError } from '../surfaces/compat/compat-codes.ts'
import { answer } from '../surfaces/douyin/douyin.envelope.ts'
import type { UploadRoute } from './upload.handler.ts'

/**
 * Uploads of the Douyin API. Token and title may be in the query, or in the form before or after
 * the file.
 */
export function uploadsDouyin({ policy, verifier }: { policy: RequestPolicy; verifier: TokenVerifier }): UploadRoute {
  return {
    fileFields: ['data'],
    takesQuery: true,
    text: z.object({ title: Title }).transform(({ title }) => ({ title, description: '' })),
    authorize: async (...request) => {
      try {
        return await policy.authorize(...request)
      } catch (error) {
        if (error instanceof MissingTokenError) return undefined
        throw error
      }
    },
    identify: async ({ token }) =>
      typeof token === 'string' && token !== '' ? await verifier.verify(token) : undefined,
    refuse: () => new MissingTokenError(),
    answer: (response) => void response.json(answer({})),
  }
}
