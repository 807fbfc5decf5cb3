import { hasCode } from '@fanone/service-kit'

/**
 * Answers a call that may come again while it goes on: what is done already is found. The upload
 * is gone once it is, so a repeat that finds none looks again.
 *
 * @param find what the call leads to, if it is there
 */
export async function onceDone<Result>(
  find: () => Promise<Result | undefined>,
  work: () => Promise<Result>,
): Promise<Result> {
  const done = await find()
  if (done !== undefined) return done
  return await work().catch(async (error) => {
    const doneByOther = hasCode(error, 'upload_not_found') ? await find() : undefined
    if (doneByOther === undefined) throw error
    return doneByOther
  })
}
