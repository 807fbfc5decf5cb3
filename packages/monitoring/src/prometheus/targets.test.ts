import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderTargets } from './targets.ts'

test('every instance of a service and its sidecar is a target, labelled with the app', () => {
  const shop = { appId: 'shop', port: 7100 }
  const files = renderTargets([shop, { appId: 'till', port: 7110 }], (appId) => (appId === 'shop' ? 2 : 0))
  expect(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, parse(text)]))).toEqual({
    'services.yml': [
      { targets: ['127.0.0.1:7100', '127.0.0.1:7101'], labels: { app: 'shop' } },
      { targets: [], labels: { app: 'till' } },
    ],
    'sidecars.yml': [
      { targets: ['127.0.0.1:7600', '127.0.0.1:7601'], labels: { app: 'shop' } },
      { targets: [], labels: { app: 'till' } },
    ],
  })
})
