import { type Database, type EntityManager, kysely, sql } from '@fanone/service-kit'
import type { ImageModel } from '../model/image-model.ts'
import type { CollectionEntity, CollectionState } from './collection.entity.ts'

const now = sql<Date>`utc_timestamp(3)`

/** A collection in Milvus. */
export interface Collection {
  id: number
  state: CollectionState
  model: ImageModel
  /** Since it is in this state. */
  seconds: number
}

/** Which collections there are. */
export class CollectionRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  all(): Promise<Collection[]> {
    return select(this.#database.em())
  }

  /** The one that is searched; undefined before there is any. */
  async serving(): Promise<Collection | undefined> {
    return (await this.all()).find(({ state }) => state === 'serving')
  }

  /**
   * Makes sure that there is a collection for a model: the first serves at once, another one is
   * filled to replace it.
   *
   * @param options.isNew fills another one also where the present one is of this model
   */
  async ensure(model: ImageModel, { isNew = false } = {}): Promise<void> {
    await this.#database.transaction(async (em) => {
      const all = await select(em, { isLocked: true })
      const filling = all.find(({ state }) => state === 'filling')
      if (filling && isSame(filling.model, model)) return
      const serving = all.find(({ state }) => state === 'serving')
      if (filling) await setState(em, filling.id, 'retired')
      if (serving && !isNew && isSame(serving.model, model)) return
      const id = nextId(all, serving)
      await collections(em)
        .insertInto('collection')
        .values({
          ...{ id, state: serving ? 'filling' : 'serving', model_hash: model.hash, changed_at: now },
          ...{ side: model.side, dimension: model.dimension },
          ...{ mean: model.mean.join(), deviation: model.deviation.join() },
        })
        .execute()
    })
  }

  /** Searches go to the collection that was filled from now on. */
  async replaceServing(filled: Collection): Promise<void> {
    await this.#database.transaction(async (em) => {
      const all = await select(em, { isLocked: true })
      if (all.find(({ id }) => id === filled.id)?.state !== 'filling') return
      for (const { id, state } of all) if (state === 'serving') await setState(em, id, 'retired')
      await setState(em, filled.id, 'serving')
    })
  }

  async forget({ id }: Collection): Promise<void> {
    await collections(this.#database.em()).deleteFrom('collection').where('id', '=', id).execute()
  }
}

/** Not yet used, and odd where the one that serves is even: see `PictureEntity`. */
function nextId(all: readonly Collection[], serving: Collection | undefined): number {
  const next = Math.max(0, ...all.map(({ id }) => id)) + 1
  return serving !== undefined && next % 2 === serving.id % 2 ? next + 1 : next
}

const isSame = (a: ImageModel, b: ImageModel) =>
  a.hash === b.hash &&
  a.side === b.side &&
  a.dimension === b.dimension &&
  a.mean.join() === b.mean.join() &&
  a.deviation.join() === b.deviation.join()

async function select(em: EntityManager, { isLocked = false } = {}): Promise<Collection[]> {
  const query = collections(em)
    .selectFrom('collection')
    .select(['id', 'state', 'model_hash', 'side', 'dimension', 'mean', 'deviation'])
    .select(sql<number>`timestampdiff(second, changed_at, utc_timestamp(3))`.as('seconds'))
    .orderBy('id')
  const rows = await (isLocked ? query.forUpdate() : query).execute()
  return rows.map(({ id, state, model_hash: hash, side, dimension, mean, deviation, seconds }) => ({
    ...{ id, state, seconds: Number(seconds) },
    model: { hash, side, dimension, mean: numbersOf(mean), deviation: numbersOf(deviation) },
  }))
}

const setState = (em: EntityManager, id: number, state: CollectionState) =>
  collections(em).updateTable('collection').set({ state, changed_at: now }).where('id', '=', id).execute()

const numbersOf = (text: string) => text.split(',').map(Number)
const collections = (em: EntityManager) => kysely<typeof CollectionEntity>(em)
