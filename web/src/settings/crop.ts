/** A square of a picture: its middle in pixels of the picture, and how much it is enlarged. */
export interface Crop {
  x: number
  y: number
  zoom: number
}

interface Size {
  width: number
  height: number
}

/** The largest square, in the middle. */
export const wholeSquare = ({ width, height }: Size): Crop => ({ x: width / 2, y: height / 2, zoom: 1 })

/** The corner and the edge of the square, in pixels of the picture. */
export function cropped({ x, y, zoom }: Crop, { width, height }: Size) {
  const edge = Math.min(width, height) / zoom
  return { x: x - edge / 2, y: y - edge / 2, edge }
}

/** @param by how far the picture is dragged, as a share of the square */
export function moved(crop: Crop, size: Size, by: { x: number; y: number }): Crop {
  const { edge } = cropped(crop, size)
  return inside({ ...crop, x: crop.x - by.x * edge, y: crop.y - by.y * edge }, size)
}

export const zoomed = (crop: Crop, size: Size, zoom: number): Crop => inside({ ...crop, zoom }, size)

/** The square never leaves the picture. */
function inside(crop: Crop, { width, height }: Size): Crop {
  const half = cropped(crop, { width, height }).edge / 2
  const between = (value: number, length: number) => Math.min(Math.max(value, half), length - half)
  return { ...crop, x: between(crop.x, width), y: between(crop.y, height) }
}
