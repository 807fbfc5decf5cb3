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
      to: { path: '^packages/(service-kit|storage)/' },
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
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
