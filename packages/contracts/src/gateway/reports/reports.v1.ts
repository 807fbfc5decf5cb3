import { z } from 'zod'
import { Id } from '../../common.ts'
import { Report, ReportKind, ReportText } from '../../report.ts'
import { rateLimits, route } from '../route.ts'

/** What users tell operators. */
export const reports = {
  create: route({
    method: 'POST',
    path: '/v1/reports',
    summary: 'Report a user or content to the operators; while a report of the caller is open, it is answered again',
    tag: 'reports',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['user_not_found', 'video_not_found', 'comment_not_found', 'not_found'],
    successStatus: 201,
  })
    .input(z.object({ kind: ReportKind, id: Id, text: ReportText }))
    .output(Report),
}
