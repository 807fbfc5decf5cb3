export { PictureConfig } from './config.ts'
export { onceDone } from './once-done.ts'
export { openPictures } from './open-pictures.ts'
export { isPictureOf, type PictureOrder, type Pictures, pictureIdOf } from './pictures.ts'
