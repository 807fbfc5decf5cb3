import { join } from 'node:path'
import * as contracts from '@fanone/contracts'
import { z } from 'zod'
import { eventContracts, type ListedService, listedServices, root, subscriptionsOf } from './facts.ts'

/**
 * The page docs/reference.md: settings, events, error codes. `npm run docs` writes it, a test
 * compares it.
 */
export async function renderReference(): Promise<string> {
  const apps = listedServices()
  return [
    '# Reference',
    '',
    'Made from the code by `npm run docs`; a test fails when it is out of date.',
    '',
    '## Settings of the services',
    '',
    ...(await settings(apps)),
    '## Events',
    '',
    ...events(apps.map((app) => app.appID)),
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

async function settings(apps: ListedService[]): Promise<string[]> {
  const kit = await import(join(root, 'packages/service-kit/src/config.ts'))
  const sections = [{ title: 'Every service', schema: kit.BaseConfig as z.ZodObject }]
  sections.push({ title: 'Services with a database', schema: kit.DatabaseConfig })
  for (const { appID } of apps) {
    const exported = Object.values(await import(join(root, `services/${appID}/src/config.ts`)))
    const schema = exported.find((value) => value instanceof z.ZodObject)
    if (schema) sections.push({ title: appID, schema })
  }
  return sections.flatMap(({ title, schema }) => {
    const rows = Object.entries(schema.shape).map(([name, type]) => settingRow(name, type as z.ZodType))
    if (rows.length === 0) return []
    return [`### ${title}`, '', '| variable | default | meaning |', '| --- | --- | --- |', ...rows, '']
  })
}

function settingRow(name: string, type: z.ZodType): string {
  const isRequired = !type.safeParse(undefined).success
  const preset = isRequired ? undefined : type.parse(undefined)
  const shown = isRequired
    ? 'required'
    : preset === undefined
      ? 'none'
      : `\`${String(preset).replace(root, '<checkout>')}\``
  return `| \`${name}\` | ${shown} | ${descriptionOf(type)} |`
}

/** The description may stand before or behind `.optional()` and `.default()`. */
function descriptionOf(type: z.ZodType): string {
  const own = type.meta()?.description
  if (own) return own
  const inner = (type as { def?: { innerType?: z.ZodType } }).def?.innerType
  return inner ? descriptionOf(inner) : ''
}

function events(appIds: string[]): string[] {
  const rows = eventContracts().map(({ name, event, owner }) => {
    const receivers = appIds.filter((appId) => subscriptionsOf(appId).some(({ topic }) => topic === event.topic))
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
