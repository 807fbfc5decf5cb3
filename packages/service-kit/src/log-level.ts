import express, { type RequestHandler } from 'express'
import { z } from 'zod'
import { LogLevel } from './config.ts'
import { ServiceError } from './errors.ts'
import type { Logger } from './log.ts'

const NewLevel = z.strictObject({ level: LogLevel })

/** Where the app port takes `{"level": "debug"}` by PUT. */
export const LOG_LEVEL_ROUTE = '/log-level'

/**
 * Changes what an instance logs, until it ends: LOG_LEVEL says it at the start. A log line says
 * so, whatever the level is.
 *
 * @throws ServiceError `invalid_input`
 */
export function changeLogLevel(log: Logger): RequestHandler[] {
  const change: RequestHandler = (request, response) => {
    const { data } = NewLevel.safeParse(request.body)
    if (!data) throw new ServiceError('invalid_input', { detail: `level is one of ${LogLevel.options.join(', ')}` })
    const from = log.level
    log.level = data.level
    log[data.level]({ from, to: data.level }, 'the log level was changed')
    response.json({ level: data.level })
  }
  return [express.json({ limit: '1kb' }), change]
}
