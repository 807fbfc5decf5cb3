import * as contracts from '@fanone/contracts'
import { BaseConfig, DatabaseConfig, RedisConfig, TelemetryConfig } from '@fanone/service-kit'
import type { z } from 'zod'
import { events, root, services, topicsTakenBy } from './declarations.ts'

/** docs/reference.md: settings, events, error codes. */
export function renderReference(): string {
  return [
    '# Reference',
    '',
    'Made from the code by `npm run generate`; a test fails when it is out of date.',
    '',
    '## Settings of the services',
    '',
    ...settings(),
    '## Events',
    '',
    ...eventTable(),
    '## Error codes',
    '',
    'The `code` of a problem document; stable.',
    '',
    '| code | status | meaning |',
    '| --- | --- | --- |',
    ...Object.entries(contracts.errorCatalogue).map(
      ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
    ),
    '',
  ].join('\n')
}

function settings(): string[] {
  const sections: { title: string; schema: z.ZodObject }[] = [
    { title: 'Every service', schema: BaseConfig },
    { title: 'Tracing, of every service', schema: TelemetryConfig },
    { title: 'Services with a database', schema: DatabaseConfig },
    { title: 'Services that talk to Redis themselves', schema: RedisConfig },
    ...services.flatMap(({ appId, config }) => (config ? [{ title: appId, schema: config }] : [])),
  ]
  return sections.flatMap(({ title, schema }) => {
    const rows = Object.entries(schema.shape).map(([name, type]) => settingRow(name, type as z.ZodType))
    if (rows.length === 0) return []
    return [`### ${title}`, '', '| variable | default | meaning |', '| --- | --- | --- |', ...rows, '']
  })
}

function settingRow(name: string, type: z.ZodType): string {
  return `| \`${name}\` | ${defaultOf(type)} | ${descriptionOf(type)} |`
}

/** A default that depends on the machine has its text in the metadata. */
function defaultOf(type: z.ZodType): string {
  const { defaultText } = type.meta() ?? {}
  if (typeof defaultText === 'string') return defaultText
  const { success, data } = type.safeParse(undefined)
  if (!success) return 'required'
  return data === undefined ? 'none' : `\`${String(data).replace(root, '<checkout>')}\``
}

/** The description may stand before or behind `.optional()` and `.default()`. */
function descriptionOf(type: z.ZodType): string {
  const own = type.meta()?.description
  if (own) return own
  const inner = (type as { def?: { innerType?: z.ZodType } }).def?.innerType
  return inner ? descriptionOf(inner) : ''
}

function eventTable(): string[] {
  const rows = events.map(({ name, event, owner }) => {
    const receivers = services
      .filter((service) => topicsTakenBy(service).includes(event.topic))
      .map(({ appId }) => appId)
    const fields = Object.keys((event.data as unknown as z.ZodObject).shape).join(', ')
    return `| \`${event.topic}\` | \`${event.type}\` | ${owner} | ${receivers.join(', ') || 'nobody yet'} | \`${name}\`: ${fields} |`
  })
  return [
    '| topic | type | sent by | received by | contract and fields |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ]
}
