/** The cover that is drawn of an upload when it is published. */
export const drawnCoverKey = (uploadId: string): string => `${uploadId}/cover.jpg`

const COVERS = 'covers'

/** The folder of the covers that an author chose, within that of the video's files. */
export const chosenCoversFolder = (uploadId: string): string => `${uploadId}/${COVERS}`

const CHOSEN = new RegExp(`^media/[0-9a-f]{32}/${COVERS}/([0-9a-f]{32})/`)

/** The upload that a chosen cover was made of, by the storage key of a file of it. */
export const chosenCoverOf = (storageKey: string): string | undefined => CHOSEN.exec(storageKey)?.[1]
