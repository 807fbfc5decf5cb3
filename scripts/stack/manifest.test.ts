import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instanceParts } from './app-parts.ts'
import { initSql } from './infra/mysql.ts'
import { readManifest } from './manifest.ts'
import { renderText } from './rendered.ts'
import type { Settings } from './settings.ts'

const yaml = `
version: 1
common:
  resourcesPaths: [./components]
  configFilePath: ./dapr/config.yaml
  appHealthCheckPath: /healthz
  env:
    MYSQL_ADDRESS: 127.0.0.1:7001
    REDIS_ADDRESS: 127.0.0.1:7002
    KAFKA_BROKERS: 127.0.0.1:7003
    KAFKA_CONTROLLER_ADDRESS: 127.0.0.1:7004
    ZIPKIN_ENDPOINT: http://127.0.0.1:7005/api/v2/spans
    SENTRY_ADDRESS: 127.0.0.1:7006
apps:
  - appID: shop
    appDirPath: ./services/shop
    appPort: 7100
    daprHTTPPort: 7300
    daprGRPCPort: 7400
    daprInternalGRPCPort: 7500
    metricsPort: 7600
    command: [node, src/main.ts]
    env: { DATABASE: shop_data, HTTP_PORT: "8080", INSTANCES: "2" }
`

const access = 'spec: { secrets: { scopes: [{ allowedSecrets: [mysql-password-shop, shop-signing-key] }] } }'

describe('dapr.yaml', () => {
  let root = ''
  let settings: Settings
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fanone-manifest-'))
    mkdirSync(join(root, 'services/shop/dapr'), { recursive: true })
    mkdirSync(join(root, 'components'))
    mkdirSync(join(root, 'dapr/access'), { recursive: true })
    writeFileSync(join(root, 'dapr/access/shop.yaml'), access)
    writeFileSync(join(root, 'dapr.yaml'), yaml)
    const daprYaml = join(root, 'dapr.yaml')
    const ports = { portBase: 9000, httpPort: undefined, toxiproxy: false, s3: false, imageSearch: false }
    settings = { root, home: join(root, '.fanone'), cache: '', daprYaml, ...ports }
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('is read with the ports of the stack', () => {
    const { apps, infraPorts } = readManifest(settings)
    expect(infraPorts).toEqual({
      mysql: 9001,
      redis: 9002,
      kafka: 9003,
      kafkaController: 9004,
      zipkin: 9005,
      sentry: 9006,
      sentryHealth: 9007,
      sentryMetrics: 9008,
    })
    expect(apps[0]).toMatchObject({
      ports: { app: 9100, http: 9300, grpc: 9400, internalGrpc: 9500, metrics: 9600 },
      env: { HTTP_PORT: '10080', MYSQL_ADDRESS: '127.0.0.1:9001' },
      instances: 2,
      secrets: ['mysql-password-shop', 'shop-signing-key'],
      database: 'shop_data',
    })
  })

  it('puts Toxiproxy where the services look for MySQL, Redis and Kafka, and those behind it, only where that is wanted', () => {
    expect(readManifest(settings).serverPorts).toMatchObject({ mysql: 9001, redis: 9002, kafka: 9003 })
    const { infraPorts, serverPorts, apps } = readManifest({ ...settings, toxiproxy: true })
    expect(serverPorts).toEqual({ mysql: 9021, redis: 9022, kafka: 9023, toxiproxy: 9009, s3: 9010, milvus: 9011 })
    expect(infraPorts).toEqual(readManifest(settings).infraPorts)
    expect(apps).toEqual(readManifest(settings).apps)
  })

  it("adds a service's own dapr folder to the common resources", () => {
    expect(readManifest(settings).apps[0]?.resourcesPaths).toEqual([
      join(root, 'components'),
      join(root, 'services/shop/dapr'),
    ])
  })

  it('gives way to FANONE_HTTP_PORT for the public port only', () => {
    expect(readManifest({ ...settings, httpPort: 80 }).apps[0]).toMatchObject({
      env: { HTTP_PORT: '80' },
      ports: { app: 9100 },
    })
  })

  it('is refused with the name of the missing field', () => {
    writeFileSync(settings.daprYaml, yaml.replace('daprHTTPPort', 'daprHttpPort'))
    expect(() => readManifest(settings)).toThrow('shop has no daprHTTPPort')
  })

  it('is refused when a service has no access list, which would be one that everybody may call', () => {
    rmSync(join(root, 'dapr/access/shop.yaml'))
    expect(() => readManifest(settings)).toThrow(/shop has no .*access\/shop\.yaml/)
  })

  it('gives every further instance the next port', () => {
    const app = readManifest(settings).apps[0]
    if (app === undefined) throw new Error('no app')
    const [service, sidecar] = instanceParts(app, 1, settings, {}, '/bin/daprd')
    expect(service).toMatchObject({
      name: 'shop-1',
      ports: { app: 9101, public: 10081 },
      env: { APP_PORT: '9101', HTTP_PORT: '10081' },
    })
    expect(sidecar).toMatchObject({ name: 'shop-1.sidecar', ports: { http: 9301 } })
    expect(sidecar.args).toContain('--app-port=9101')
  })

  it('never puts a secret on a command line', () => {
    const app = readManifest(settings).apps[0]
    if (app === undefined) throw new Error('no app')
    const parts = instanceParts(
      app,
      0,
      settings,
      { 'app-api-token-shop': 'hush-app', 'dapr-api-token-shop': 'hush-dapr' },
      '/bin/daprd',
    )
    expect(parts.flatMap((part) => part.args).join(' ')).not.toContain('hush')
  })

  it('gives each database one account that sees nothing else', () => {
    const sql = initSql(readManifest(settings), { 'mysql-password-root': 'r', 'mysql-password-shop': 's' })
    const grants = sql.split('\n').filter((line) => line.startsWith('GRANT') && line.includes('shop'))
    expect(grants).toEqual(["GRANT ALL PRIVILEGES ON `shop\\_data`.* TO 'shop'@'127.0.0.1';"])
  })

  it('gives the account of the exporter nothing to see', () => {
    const sql = initSql(readManifest(settings), { 'mysql-password-root': 'r', 'mysql-password-monitoring': 'm' })
    const lines = sql.split('\n').filter((line) => line.includes('monitoring'))
    expect(lines).toHaveLength(2)
    expect(lines.filter((line) => line.startsWith('GRANT'))).toEqual([])
  })

  it("leads Dapr's files to the ports and the folder of the stack", () => {
    expect(
      renderText('value: 127.0.0.1:7002\nvalue: ../../.fanone/secrets/secrets.json', { portBase: 9000, home: '/x' }),
    ).toBe('value: 127.0.0.1:9002\nvalue: /x/secrets/secrets.json')
  })
})
