import { Counter } from '@fanone/service-kit'

/** `outcome`: embedded, known (the content had a vector), unreadable (this time). */
export const picturesIndexed = new Counter({
  name: 'fanone_image_search_pictures_total',
  help: 'Pictures that were put into the index, or tried, by outcome',
  labelNames: ['outcome'] as const,
})
