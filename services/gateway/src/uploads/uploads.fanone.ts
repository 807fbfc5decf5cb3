import type { RequestPolicy } from '../http/request-policy.ts'
import { MissingTokenError } from '../surfaces/compat/compat-codes.ts'
import { done } from '../surfaces/fanone/fanone.envelope.ts'
import { titleAndDescription, type UploadRoute } from './upload.handler.ts'

/** How the FanOne API takes a video. */
export function uploadsFanone({ policy }: { policy: RequestPolicy }): UploadRoute {
  return {
    fileFields: ['data'],
    takesQuery: false,
    text: titleAndDescription,
    authorize: (...request) => policy.authorize(...request),
    refuse: () => new MissingTokenError(),
    answer: (response) => void response.json(done()),
  }
}
