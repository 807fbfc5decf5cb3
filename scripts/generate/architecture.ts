import type { ServiceDeclaration } from '@fanone/service-kit'
import { edges, topicsSentBy, topicsTakenBy } from './declarations.ts'
import type { Regions } from './regions.ts'

/** The parts of docs/architecture.md. */
export function architectureRegions(services: readonly ServiceDeclaration[]): Regions {
  return {
    system: diagram(systemLines(services, (topics) => topics.join(', '))),
    services: serviceTable(services),
    calls: [
      diagram(edges.map(({ caller, callee, operations }) => `${caller} -->|${operations.length}| ${callee}`)),
      callTable(),
    ].join('\n\n'),
  }
}

/** The part of README.md. */
export function readmeRegions(services: readonly ServiceDeclaration[]): Regions {
  return { system: diagram(systemLines(services, nounsOf)) }
}

const diagram = (lines: string[]) =>
  ['```mermaid', 'flowchart LR', ...lines.map((line) => `  ${line}`), '```'].join('\n')

/** What talks to what; `label` says which events take an arrow. */
function systemLines(services: readonly ServiceDeclaration[], label: (topics: string[]) => string): string[] {
  const having = (isChosen: (service: ServiceDeclaration) => unknown) =>
    services
      .filter(isChosen)
      .map(({ appId }) => appId)
      .join(' & ')
  return [
    'client([browser, app]) -->|HTTP 8080| gateway',
    `gateway -->|invoke| ${having(({ appId }) => edges.some(({ caller, callee }) => caller === 'gateway' && callee === appId))}`,
    ...services.flatMap(({ appId }) => arrow(appId, label(topicsSentBy(appId)), 'kafka[(Kafka)]')),
    ...services.flatMap((service) => arrow('kafka', nounsOf(topicsTakenBy(service)), service.appId)),
    `${having(({ database }) => database)} --- mysql[(MySQL, a database and an account each)]`,
    `${having(({ redis, state }) => redis || state)} --- redis[(Redis)]`,
    `${having(({ mediaFiles }) => mediaFiles)} --- files[(media files)]`,
  ]
}

const arrow = (from: string, text: string, to: string) => (text === '' ? [] : [`${from} -->|${text}| ${to}`])

/** Of `video.published` and `video.deleted` that it is about videos. */
const nounsOf = (topics: string[]) => [...new Set(topics.map((topic) => topic.split('.')[0]))].join(', ')

function serviceTable(services: readonly ServiceDeclaration[]): string {
  const rows = services.map((service) => {
    const { appId, summary, port, database, redis, state, mediaFiles, workers = [] } = service
    const stores = [database && 'MySQL', (redis || state) && 'Redis', mediaFiles && 'media files'].filter(Boolean)
    return `| ${appId} | ${summary} | ${port} | ${stores.join(', ')} | ${workers.join(', ')} |`
  })
  return [
    '| app id | what it is | app port | uses | works in the background |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** A line for each reason. */
function callTable(): string {
  const rows = edges.flatMap(({ caller, callee, operations }) =>
    [...Map.groupBy(operations, ({ why }) => why)].map(([why, group]) => {
      const names = group.map(({ name }) => `\`${name}\``).join(', ')
      return `| ${caller} | ${callee} | ${names} | ${why} |`
    }),
  )
  return ['| caller | callee | operations | why |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
