const PAGE_SIZE = 20

const success = { code: 10000, msg: 'success' }

/** The answer of an action that has nothing to say. */
export const done = () => ({ base: success })

/** The answer that carries data. */
export const answer = <Data>(data: Data) => ({ base: success, data })

/** Where a page begins and how much it holds; pages count from 0. */
export function toOffset(paging: { page_num?: number | undefined; page_size?: number | undefined }) {
  const { page_num: number = 0, page_size: limit = PAGE_SIZE } = paging
  return { offset: number * limit, limit }
}
