import { type ImageKind, ImageKind as ImageKinds } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { DataType, MilvusClient, type ResStatus } from '@zilliz/milvus2-sdk-node'
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel'

const CHANGE_TIMEOUT_MS = 10_000
const SEARCH_TIMEOUT_MS = 3_000
/** Making the index of a large collection ready takes its time. */
const LOAD_TIMEOUT_MS = 60_000
/** Who asks within that time of a failure is refused at once. */
const AWAY_MS = 1_000
const FAILURES_OF_ABSENCE = 2
/** The graph of HNSW (https://arxiv.org/abs/1603.09320): edges of a node, candidates when built. */
const GRAPH = { M: 16, efConstruction: 200 }
/** Candidates of a search; with a filter most of them fall out. */
const CANDIDATES = { all: 200, filtered: 2_000 }
/**
 * gRPC's codes for a server that is of no use: deadline exceeded, unavailable, cancelled, and
 * unauthenticated, because no search can mend a wrong password.
 */
const ABSENT = [4, 14, 1, 16]
/** Otherwise up to two minutes go by before a Milvus that is back is noticed. */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 2_000 }

/** A picture's features with what is filtered by. */
export interface StoredVector {
  id: number
  kind: ImageKind
  ownerId: number
  vector: Float32Array
}

/** A collection; its number is a part of the name that it has in Milvus. */
type CollectionId = { id: number }

export interface VectorQuery {
  limit: number
  kinds?: readonly ImageKind[] | undefined
  ownerId?: number | undefined
}

export interface Hit {
  id: number
  /** Cosine: 1 is the same. */
  score: number
}

/**
 * Milvus, as far as it is used here. All that it is asked throws ServiceError `unavailable` where
 * it is away; for a second after that without asking it.
 */
export class VectorIndex {
  readonly #client: MilvusClient
  readonly #prefix: string
  readonly #breaker: CircuitBreakerPolicy

  constructor(options: {
    address: string
    user: string
    password: string
    tls: boolean
    /** PEM file of who signs its certificate; empty: who Node trusts. */
    authority: string
    database: string
    prefix: string
  }) {
    this.#prefix = options.prefix
    const { address, user, password, tls, authority, database } = options
    this.#client = new MilvusClient({
      address,
      ssl: tls,
      ...(tls && authority && { tls: { rootCertPath: authority } }),
      ...(user && { username: user, password }),
      ...(database && { database }),
      timeout: CHANGE_TIMEOUT_MS,
      maxRetries: 0,
      channelOptions: RECONNECT,
      logLevel: 'error',
      telemetry: { enabled: false },
      // Otherwise a Milvus that is away at the start ends the process by an unhandled rejection.
      __SKIP_CONNECT__: true,
    })
    this.#breaker = circuitBreaker(handleWhen(isAbsence), {
      halfOpenAfter: AWAY_MS,
      breaker: new ConsecutiveBreaker(FAILURES_OF_ABSENCE),
    })
  }

  async has(collection: CollectionId): Promise<boolean> {
    const question = { collection_name: this.#nameOf(collection), timeout: SEARCH_TIMEOUT_MS }
    return (await this.#ask(() => this.#client.hasCollection(question))).value === true
  }

  /** Throws where Milvus has been away lately, and still is: before anything is done in vain. */
  async checkPresence(collection: CollectionId): Promise<void> {
    if (this.#breaker.state !== CircuitState.Closed) await this.has(collection)
  }

  async create(collection: CollectionId, dimension: number): Promise<void> {
    await this.#ask(() =>
      this.#client.createCollection({
        collection_name: this.#nameOf(collection),
        fields: [
          { name: 'image_id', data_type: DataType.Int64, is_primary_key: true },
          { name: 'owner_id', data_type: DataType.Int64 },
          { name: 'kind', data_type: DataType.Int8 },
          { name: 'vector', data_type: DataType.FloatVector, dim: dimension },
        ],
        consistency_level: 'Strong',
      }),
    )
    await this.#ask(() =>
      this.#client.createIndex({
        collection_name: this.#nameOf(collection),
        field_name: 'vector',
        index_type: 'HNSW',
        metric_type: 'COSINE',
        params: GRAPH,
      }),
    )
  }

  /** Makes a collection ready to be searched, which it is not after a restart of Milvus. */
  async load(collection: CollectionId): Promise<void> {
    await this.#ask(() =>
      this.#client.loadCollection({ collection_name: this.#nameOf(collection), timeout: LOAD_TIMEOUT_MS }),
    )
  }

  async drop(collection: CollectionId): Promise<void> {
    await this.#ask(() => this.#client.dropCollection({ collection_name: this.#nameOf(collection) }))
  }

  /** Names the collection that is searched, for whoever looks into Milvus. */
  async pointAliasAt(collection: CollectionId): Promise<void> {
    const alias = { collection_name: this.#nameOf(collection), alias: this.#prefix }
    await this.#ask(() => this.#client.alterAlias(alias)).catch(async (error) => {
      if (isAbsence(error)) throw error
      await this.#ask(() => this.#client.createAlias(alias))
    })
  }

  /** Stores vectors; those of the same ids are replaced. */
  async put(collection: CollectionId, vectors: readonly StoredVector[]): Promise<void> {
    // It takes NaN, and never finds anything near it again.
    if (vectors.some(({ vector }) => !vector.every(Number.isFinite))) throw new Error('a vector is not finite')
    const data = vectors.map(({ id, kind, ownerId, vector }) => ({
      ...{ image_id: id, owner_id: ownerId, kind: numberOf(kind) },
      vector: [...vector],
    }))
    await this.#ask(() => this.#client.upsert({ collection_name: this.#nameOf(collection), data }))
  }

  async remove(collection: CollectionId, ids: readonly number[]): Promise<void> {
    await this.#ask(() =>
      this.#client.deleteEntities({ collection_name: this.#nameOf(collection), filter: isOneOf('image_id', ids) }),
    )
  }

  /** The vectors of some pictures, by id; those that are not there are missing. */
  async get(collection: CollectionId, ids: readonly number[]): Promise<Map<number, Float32Array>> {
    if (ids.length === 0) return new Map()
    const { data } = await this.#ask(() =>
      this.#client.query({
        collection_name: this.#nameOf(collection),
        filter: isOneOf('image_id', ids),
        output_fields: ['image_id', 'vector'],
      }),
    )
    return new Map(data.map((row) => [Number(row.image_id), Float32Array.from(row.vector as number[])]))
  }

  /**
   * The nearest to each of some vectors, the nearest first. A collection that is not loaded, as
   * after a restart of Milvus, is.
   */
  async search(collection: CollectionId, vectors: readonly Float32Array[], query: VectorQuery): Promise<Hit[][]> {
    const filter = filterOf(query)
    const ef = Math.max(query.limit, filter === '' ? CANDIDATES.all : CANDIDATES.filtered)
    const search = () =>
      this.#client.search({
        collection_name: this.#nameOf(collection),
        data: vectors.map((vector) => [...vector]),
        limit: query.limit,
        ...(filter && { filter }),
        params: { ef },
        // Without it the vectors come back.
        output_fields: ['image_id'],
        timeout: SEARCH_TIMEOUT_MS,
      })
    const { results } = await this.#ask(search).catch(async (error) => {
      if (!(error instanceof MilvusRefusal)) throw error
      await this.load(collection)
      return this.#ask(search)
    })
    // The SDK answers one list for one vector, and a list of lists for several.
    const lists = (vectors.length === 1 ? [results] : results) as unknown as { image_id: string; score: number }[][]
    return lists.map((list) => list.map(({ image_id, score }) => ({ id: Number(image_id), score })))
  }

  /** Every id in a collection above one, in their order: to compare with MySQL. */
  async ids(collection: CollectionId, { above = 0, limit = 1_000 } = {}): Promise<number[]> {
    const { data } = await this.#ask(() =>
      this.#client.query({
        collection_name: this.#nameOf(collection),
        filter: `image_id > ${checked(above)}`,
        output_fields: ['image_id'],
        limit,
      }),
    )
    return data.map(({ image_id }) => Number(image_id))
  }

  async close(): Promise<void> {
    await this.#client.closeConnection()
  }

  #nameOf({ id }: CollectionId): string {
    return `${this.#prefix}_${id}`
  }

  /** Asks Milvus, whose refusals come as answers. */
  async #ask<Answer extends ResStatus | { status: ResStatus }>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      // One asks whether it is back; others would wait for what that one is told.
      if (this.#breaker.state === CircuitState.HalfOpen) throw new BrokenCircuitError()
      const answer = await this.#breaker.execute(question)
      const { error_code: code, reason }: ResStatus = 'status' in answer ? answer.status : answer
      if (code !== 'Success') throw new MilvusRefusal(reason)
      return answer
    } catch (error) {
      // How the SDK fails on answers of a collection that is not there.
      if (error instanceof TypeError) throw new MilvusRefusal(error.message, { cause: error })
      if (!isAbsence(error) && !(error instanceof BrokenCircuitError)) throw error
      throw new ServiceError('unavailable', { retryAfterSeconds: 1, cause: error })
    }
  }
}

/** Milvus did not do what it was asked. */
export class MilvusRefusal extends Error {
  override name = 'MilvusRefusal'
}

function isAbsence(error: unknown): boolean {
  if (error instanceof ServiceError) return error.code === 'unavailable'
  return ABSENT.includes((error as { code?: number }).code ?? 0)
}

/** Kinds are numbers in Milvus; the order in the contract never changes. */
const numberOf = (kind: ImageKind) => ImageKinds.options.indexOf(kind)

/** Made of checked numbers only: a filter is a language of its own. */
function filterOf({ kinds, ownerId }: VectorQuery): string {
  const isAll = kinds === undefined || kinds.length === ImageKinds.options.length
  return [
    ...(isAll ? [] : [isOneOf('kind', kinds.map(numberOf))]),
    ...(ownerId === undefined ? [] : [`owner_id == ${checked(ownerId)}`]),
  ].join(' and ')
}

const isOneOf = (field: string, numbers: readonly number[]) => `${field} in [${numbers.map(checked).join()}]`

/** @throws Error unless it is a whole number that JavaScript holds exactly */
function checked(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error('not an id')
}
