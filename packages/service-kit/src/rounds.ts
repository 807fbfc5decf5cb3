/**
 * Works on items in rounds in which no key occurs twice, so that the second item of a key finds
 * what the first has changed.
 *
 * @param work answers in the order of the items it gets
 * @returns the answers in the order of all items
 */
export async function inRounds<Item, Answer>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  work: (items: Item[]) => Promise<Answer[]>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  let left = [...items.entries()]
  while (left.length > 0) {
    const keys = new Set<string>()
    const later: typeof left = []
    const round = left.filter((entry) => {
      const key = keyOf(entry[1])
      if (keys.has(key)) later.push(entry)
      else return keys.add(key)
      return false
    })
    const done = await work(round.map(([, item]) => item))
    for (const [at, [index]] of round.entries()) answers[index] = done[at] as Answer
    left = later
  }
  return answers
}
