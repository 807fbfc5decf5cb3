import type { EntityManager } from '@fanone/service-kit'
import { candidateGrams } from './grams.ts'

/** What is searched for. Texts are folded, empty ones ask for nothing; ids are inclusive. */
export interface SearchConditions {
  keyword: string
  authorName: string
  fromId: number
  toId: number
}

/**
 * Plain SQL, because each gram joins its table again under another alias, which has no static type.
 */
export function findVideos(
  em: EntityManager,
  conditions: SearchConditions,
  page: { offset: number; limit: number },
): Promise<{ id: number }[]> {
  const { from, where, values, id } = toSql(conditions)
  const order = `order by ${id} desc limit ? offset ?`
  return em.execute(`select ${id} as id from ${from} where ${where} ${order}`, [...values, page.limit, page.offset])
}

/** Written out like `findVideos`. */
export async function countVideos(em: EntityManager, conditions: SearchConditions): Promise<number> {
  const { from, where, values } = toSql(conditions)
  const [row] = await em.execute<{ total: number }[]>(`select count(*) as total from ${from} where ${where}`, values)
  return row?.total ?? 0
}

/**
 * The conditions as SQL. Candidates come from the primary key of the keyword's grams, or of the
 * authors' grams, newest first; each is then checked. Reads no table without a condition on it.
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
  // Few, by the key of who is hidden: with nobody hidden it costs nothing.
  add(`${id} not in (select v.id from author h join video v on v.author_id = h.id where h.is_hidden = 1)`)
  return { from: tables.join(' '), where: conditions.join(' and '), values, id }
}
