/** The folders of the gateway from the bottom up; every other one is a noun of the API and stands on top of them. */
const gatewayLayers = ['(auth|calls|routing)', 'limits', 'http', '(presenter|surfaces)']
const gatewayNoun = '(?!auth/|calls/|routing/|limits/|http/|presenter/|surfaces/|openapi/|testing/)([a-z-]+)'
const inGateway = (folder) => `^services/gateway/src/${folder}/`

/** The rules of who may import whom. Checked by `npm run check:boundaries`. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'services-stay-apart',
      comment: 'A service knows another one only by its contract.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    {
      name: 'packages-do-not-know-services',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(services|scripts|tests)/' },
    },
    {
      name: 'contracts-know-nothing',
      comment: 'Contracts are schemas; they run anywhere.',
      severity: 'error',
      from: { path: '^packages/contracts/' },
      to: { path: '^packages/(sandbox|service-kit|storage)/' },
    },
    {
      name: 'one-place-knows-the-dapr-sdk',
      comment: 'Its client loses errors and waits forever on its own transport: take the kit, which mends that.',
      severity: 'error',
      from: { pathNot: '^(packages/service-kit/src/dapr/client|tests/kit/dapr-sdk\\.test)\\.ts$' },
      to: { path: 'node_modules/@dapr/dapr/' },
    },
    {
      name: 'services-do-not-know-the-stack',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(scripts|tests)/' },
    },
    {
      name: 'operations-do-not-know-technology',
      comment: 'Routes call services, services call repositories; only repositories and adapters know a technology.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/.*\\.(operations|service)\\.ts$' },
      to: { path: 'node_modules/(@mikro-orm|ioredis|mysql2)' },
    },
    {
      name: 'gateway-nouns-share-views-only',
      comment: 'A page is put together by the presenter; of another noun only the names of its fields are taken.',
      severity: 'error',
      from: { path: inGateway(gatewayNoun), pathNot: '\\.test\\.ts$' },
      to: { path: inGateway(gatewayNoun), pathNot: [inGateway('$1'), '\\.view\\.ts$'] },
    },
    ...gatewayLayers.map((layer, index) => ({
      name: `gateway-${layer.replace(/\W+/g, '-').replace(/^-|-$/g, '')}-look-down`,
      comment: 'No arrow runs back up: what serves all nouns and surfaces knows none of them.',
      severity: 'error',
      from: { path: inGateway(layer), pathNot: '\\.test\\.ts$' },
      to: { path: [...gatewayLayers.slice(index + 1), gatewayNoun].map(inGateway) },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
