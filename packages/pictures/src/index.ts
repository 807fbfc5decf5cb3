export { PictureConfig } from './config.ts'
export { openPictures } from './open-pictures.ts'
export { isPictureOf, type PicturePlace, type Pictures, pictureIdOf } from './pictures.ts'
