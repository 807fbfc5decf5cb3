import type { imageSearchContract } from '@fanone/contracts'
import { type Operations, ServiceError } from '@fanone/service-kit'
import type { SearchService } from './search.service.ts'

/** @param search undefined where the installation has no image search */
export const imageOperations = (search: SearchService | undefined): Operations<typeof imageSearchContract.images> => ({
  search: async ({ input }) => ({ items: await isOn(search).byUpload(input) }),
  similarVideos: async ({ input }) => ({ items: await isOn(search).similarVideos(input) }),
})

export function isOn<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new ServiceError('unavailable', { detail: 'Image search is switched off here' })
  return part
}
