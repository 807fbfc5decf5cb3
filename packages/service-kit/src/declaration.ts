import type { EventContract, serviceContracts } from '@fanone/contracts'
import type { AnyContractRouter } from '@orpc/contract'
import type { z } from 'zod'
import type { BatchHandler } from './batches.ts'
import type { DatabaseDefinition } from './database/database.ts'
import type { Operations } from './operations.ts'
import type { EventHandler } from './subscriptions.ts'
import type { Worker } from './workers.ts'

/** What a service is: it boots from this, and `npm run generate` derives what others must know. */
export interface ServiceDeclaration {
  /** Dapr's app id, and the name of the folder. */
  appId: string
  /** What it is for, in a few words. */
  summary: string
  /** App port of the first instance; all other ports follow from it (docs/architecture.md). */
  port: number
  /** Its operations; left out where nobody calls it. */
  contract?: AnyContractRouter
  /** Its own settings. */
  config?: z.ZodObject
  /** Its database, which has its name. */
  database?: DatabaseDefinition
  /** The events it takes. */
  subscribes?: readonly (EventContract | BatchedEvent)[]
  /** Whom it calls, which operations, and why. Nothing else is let through. */
  calls?: Calls
  /** Operations that no service calls, each with the command that does, through the own sidecar. */
  commandLine?: Readonly<Record<string, string>>
  /** It keeps state in Dapr's state store. */
  state?: true
  /** It talks to Redis itself. */
  redis?: true
  /** It reads or writes the media files. */
  mediaFiles?: true
  /** Programs besides Node that it runs; its image in a cluster has them. */
  programs?: readonly 'ffmpeg'[]
  /**
   * Further secrets than passwords: a `…-signing-key` is an Ed25519 key, an `…-encryption-key` has
   * versions, others are random text.
   */
  secrets?: readonly string[]
  /** What goes on beside requests and events, in the order it is started. */
  workers?: readonly string[]
  /** Settings of the local stack that are its own. */
  env?: Readonly<Record<string, string>>
}

type Contracts = typeof serviceContracts
type OperationName<Contract> = {
  [Noun in keyof Contract & string]: `${Noun}.${keyof Contract[Noun] & string}`
}[keyof Contract & string]

/** By callee and operation: the reason. */
export type Calls = {
  readonly [App in keyof Contracts]?: { readonly [Name in OperationName<Contracts[App]>]?: string }
}

/** Makes `never` of names that do not exist, so that a typing error does not compile. */
type Checked<Service> = Only<Service, keyof ServiceDeclaration> & {
  calls?: Service extends { calls: infer Declared }
    ? {
        [App in keyof Declared]: App extends keyof Contracts
          ? Only<Declared[App], OperationName<Contracts[App]>>
          : never
      }
    : never
  commandLine?: Service extends { contract: infer Contract; commandLine: infer Declared }
    ? Only<Declared, OperationName<Contract>>
    : never
}
type Only<Declared, Names> = { [Name in Exclude<keyof Declared, Names>]: never }

/** Declares a service, in `services/<app-id>/service.ts`. */
export function defineService<const Service extends ServiceDeclaration>(
  service: Service & Checked<Service>,
): Readonly<Service> {
  return service
}

/** An event that comes in batches. */
export interface BatchedEvent<Event extends EventContract = EventContract> {
  event: Event
  /** Events in one batch at most. */
  maxEvents: number
}

/** For events that come faster than one by one; the handler is a `BatchHandler`. */
export function inBatches<Event extends EventContract>(event: Event, maxEvents: number): BatchedEvent<Event> {
  return { event, maxEvents }
}

/** The event of an entry of `subscribes`. */
export const eventOf = (entry: EventContract | BatchedEvent): EventContract => ('event' in entry ? entry.event : entry)

/** A handler for each declared event, by topic. */
type Handlers<Service> = Service extends { subscribes: readonly (infer Entry)[] }
  ? { [One in Entry as TopicOf<One>]: HandlerOf<One> }
  : never
type TopicOf<Entry> =
  Entry extends BatchedEvent<infer Event> ? Event['topic'] : Entry extends EventContract ? Entry['topic'] : never
type HandlerOf<Entry> =
  Entry extends BatchedEvent<infer Event>
    ? BatchHandler<Event>
    : Entry extends EventContract
      ? EventHandler<Entry>
      : never

/** What a service's `createApp` returns: all that its declaration promises. */
export type ServiceParts<Service> = (Service extends { contract: infer Contract }
  ? { operations: Operations<Contract> }
  : unknown) &
  (Service extends { subscribes: unknown } ? { handlers: Handlers<Service> } : unknown) &
  (Service extends { workers: readonly (infer Name extends string)[] } ? { workers: Record<Name, Worker> } : unknown)

/** The operations of `App` that a service has declared to call, as a contract. */
export type Called<Service, App> = Service extends { calls: infer Declared }
  ? App extends keyof Contracts & keyof Declared
    ? Picked<Contracts[App], keyof Declared[App]>
    : never
  : never
type Picked<Contract, Names> = {
  [Noun in keyof Contract & string as Extract<Names, `${Noun}.${string}`> extends never ? never : Noun]: {
    [Verb in keyof Contract[Noun] & string as `${Noun}.${Verb}` extends Names ? Verb : never]: Contract[Noun][Verb]
  }
}
