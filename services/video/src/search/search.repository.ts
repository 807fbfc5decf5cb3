import type { Database, EntityManager } from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { VideoEntity, type VideoRow } from '../video/video.entity.ts'
import { replaceGrams } from './gram-table.ts'
import { candidateGrams, searchText } from './grams.ts'

/** What is searched for. Texts are folded, empty ones ask for nothing; ids are inclusive. */
export interface SearchConditions {
  keyword: string
  authorName: string
  fromId: number
  toId: number
}

const videoGrams = { table: 'video_gram', column: 'video_id' } as const

/** What can be found: the texts of public videos and their grams. */
export class SearchRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes a public video found by what it says now; a part of the transaction that writes it. */
  async put(em: EntityManager, video: Pick<VideoRow, 'id' | 'authorId' | 'title' | 'description' | 'version'>) {
    const text = searchText(video.title, video.description)
    await replaceGrams(em, videoGrams, video.id, { old: await this.#textOf(em, video.id), new: text })
    await em.execute(
      `insert into video_search (video_id, author_id, version, text) values (?, ?, ?, ?)
       on duplicate key update version = ?, text = ?`,
      [video.id, video.authorId, video.version, text, video.version, text],
      'run',
    )
  }

  /** Makes a video found no more; a part of the transaction that deletes it. */
  async remove(em: EntityManager, videoId: number): Promise<void> {
    await replaceGrams(em, videoGrams, videoId, { old: await this.#textOf(em, videoId), new: undefined })
    await em.execute('delete from video_search where video_id = ?', [videoId], 'run')
  }

  /** Ids, newest first. */
  async find(conditions: SearchConditions, page: { offset: number; limit: number }): Promise<number[]> {
    const { from, where, values, id } = toSql(conditions)
    const rows = await this.#database
      .em()
      .execute<{ id: number }[]>(
        `select ${id} as id from ${from} where ${where} order by ${id} desc limit ? offset ?`,
        [...values, page.limit, page.offset],
      )
    return rows.map((row) => Number(row.id))
  }

  async count(conditions: SearchConditions): Promise<number> {
    const { from, where, values } = toSql(conditions)
    const [row] = await this.#database
      .em()
      .execute<{ total: number }[]>(`select count(*) as total from ${from} where ${where}`, values)
    return Number(row?.total)
  }

  /**
   * Videos above `afterId` in id order, with what is wrong about how they are found: what an older version of this service wrote, or what was
   * there before there was a search.
   */
  async compare(page: { afterId: number; limit: number }): Promise<{ id: number; isStale: boolean }[]> {
    const rows = await this.#database.em().execute<{ id: number; isStale: number }[]>(
      `select v.id as id,
         if(v.deleted_at is null, coalesce(s.version, 0) <> v.version, s.version is not null) as isStale
       from video v left join video_search s on s.video_id = v.id where v.id > ? order by v.id limit ?`,
      [page.afterId, page.limit],
    )
    return rows.map((row) => ({ id: Number(row.id), isStale: Number(row.isStale) === 1 }))
  }

  /** Makes one video found by what it says now. */
  repair(videoId: number): Promise<void> {
    return this.#database.transaction(async (em) => {
      const video = await em.findOne(VideoEntity, { id: videoId }, { lockMode: LockMode.PESSIMISTIC_WRITE })
      if (video?.deletedAt === null) await this.put(em, video)
      else await this.remove(em, videoId)
    })
  }

  /** Whoever writes this row has the video's own row locked. A lock here would hold the gap where new videos are about to be inserted. */
  async #textOf(em: EntityManager, videoId: number): Promise<string | undefined> {
    const [row] = await em.execute<{ text: string }[]>('select text from video_search where video_id = ?', [videoId])
    return row?.text
  }
}

/**
 * The conditions as SQL. The grams of the keyword give the candidates by their primary key, newest first, and so do those of the name the
 * authors; each candidate is then looked at itself. No table is read that no condition is about.
 */
function toSql({ keyword, authorName, fromId, toId }: SearchConditions) {
  const tables: string[] = []
  const conditions: string[] = []
  const values: unknown[] = []
  const add = (condition: string, ...parameters: unknown[]) => {
    conditions.push(condition)
    values.push(...parameters)
  }
  const join = (table: string, alias: string, on: string) =>
    tables.push(tables.length === 0 ? `${table} ${alias}` : `join ${table} ${alias} on ${on}`)

  const isByName = authorName !== ''
  if (isByName) {
    for (const [index, gram] of candidateGrams(authorName).entries()) {
      join('author_gram', `n${index}`, `n${index}.author_id = n0.author_id`)
      add(`n${index}.gram = ?`, gram)
    }
    join('author', 'a', 'a.id = n0.author_id')
    add('instr(a.text, ?) > 0', authorName)
    join('video_search', 's', 's.author_id = a.id')
  }
  const id = isByName ? 's.video_id' : 'g0.video_id'
  if (keyword !== '' || !isByName) {
    for (const [index, gram] of candidateGrams(keyword).entries()) {
      join('video_gram', `g${index}`, `g${index}.video_id = ${id}`)
      add(`g${index}.gram = ?`, gram)
    }
  }
  if (keyword !== '') {
    if (!isByName) join('video_search', 's', 's.video_id = g0.video_id')
    add('instr(s.text, ?) > 0', keyword)
  }
  add(`${id} between ? and ?`, fromId, toId)
  return { from: tables.join(' '), where: conditions.join(' and '), values, id }
}
