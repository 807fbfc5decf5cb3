import { serviceContracts } from '@fanone/contracts'
import type { AnyContractRouter } from '@orpc/contract'
import type { Redis } from 'ioredis'
import type { z } from 'zod'
import type { BaseConfig, RedisConfig } from './config.ts'
import type { Dapr } from './dapr/client.ts'
import { createServiceClient, type ServiceClient } from './dapr/invoke.ts'
import { readSecret } from './dapr/secrets.ts'
import { StateStore } from './dapr/state.ts'
import type { Database } from './database/database.ts'
import type { Called, ServiceDeclaration } from './declaration.ts'
import type { Logger } from './log.ts'
import { connectRedis, type RedisConnectionOptions } from './redis.ts'

/** The settings of a service: the kit's and its own. */
export type ConfigOf<Service> = Readonly<
  BaseConfig & (Service extends { config: infer Schema extends z.ZodObject } ? z.infer<Schema> : unknown)
>

/** A typed client with those operations of `App` that the service has declared to call. */
export type ClientOf<Service, App> =
  Called<Service, App> extends infer Contract extends AnyContractRouter ? ServiceClient<Contract> : never

/** What the kit gives to a service: what it has declared, and nothing else. */
export type Kit<Service extends ServiceDeclaration> = {
  config: ConfigOf<Service>
  log: Logger
} & (Service extends { database: unknown } ? { database: Database } : unknown) &
  (Service extends { state: true } ? { state: StateStore } : unknown) &
  (Service extends { redis: true } ? { redis: OpenRedis } : unknown) &
  (Service extends { secrets: readonly (infer Name)[] } ? { secret(name: Name): Promise<string> } : unknown) &
  (Service extends { calls: infer Declared }
    ? { client<App extends keyof Declared>(appId: App): ClientOf<Service, App> }
    : unknown)

/**
 * Opens a connection to Redis, for the structures that Dapr's state API does not have. It closes
 * after everything else has stopped, because requests use it until then.
 *
 * @param connect gives the connection its scripts or timeouts
 */
type OpenRedis = <Connection extends Redis = Redis>(connect?: (server: RedisServer) => Connection) => Connection

/** Where Redis is. */
type RedisServer = Pick<RedisConnectionOptions, 'address' | 'log'> & { password: string; scriptLimitMs: number }

/** What the kit is made of. */
export interface KitResources {
  config: BaseConfig & Partial<z.infer<typeof RedisConfig>>
  log: Logger
  dapr: Dapr
  database: Database | undefined
  /** Where the service's connections to Redis are kept until its end. */
  connections: Redis[]
}

/** Makes the kit of one service. */
export async function createKit<Service extends ServiceDeclaration>(
  service: Service,
  { config, log, dapr, database, connections }: KitResources,
): Promise<Kit<Service>> {
  const secret = (name: string) => readSecret(dapr.client, name)
  const password = service.redis ? await secret('redis-password') : ''
  const redis: OpenRedis = (connect = connectRedis as never) => {
    const { REDIS_ADDRESS: address = '', REDIS_SCRIPT_LIMIT_MS: scriptLimitMs = 0 } = config
    const connection = connect({ address, password, log, scriptLimitMs })
    connections.push(connection)
    return connection
  }
  const client = (appId: keyof typeof serviceContracts) =>
    createServiceClient(serviceContracts[appId], { appId, transport: dapr.transport })
  return { config, log, database, redis, client, secret, state: new StateStore(dapr.client) } as unknown as Kit<Service>
}
