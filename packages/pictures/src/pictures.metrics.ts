import { Counter } from '@fanone/service-kit'

/** `outcome`: made, refused (not a picture), failed. */
export const picturesMade = new Counter({
  name: 'fanone_pictures_total',
  help: 'Pictures that were sent, by kind and outcome',
  labelNames: ['kind', 'outcome'] as const,
})
