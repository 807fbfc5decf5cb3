import type { ContentRef } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'

/** What the one id that the contract lets through stands for. */
export function targetOf(input: { video_id?: number | undefined; comment_id?: number | undefined }): ContentRef {
  if (input.video_id !== undefined) return { kind: 'video', id: input.video_id }
  if (input.comment_id !== undefined) return { kind: 'comment', id: input.comment_id }
  throw new ServiceError('invalid_input')
}
