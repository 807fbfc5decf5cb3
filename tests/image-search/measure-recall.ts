/**
 * `node tests/image-search/measure-recall.ts`: writes the table of recall in docs/image-search.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchImageSearch } from '../../scripts/setup/image-search.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { colourHistogram, perceptualHash, serviceFeatures } from './descriptions.ts'
import { measureRecall, type Recall } from './recall.ts'
import { samplePictures } from './sample-pictures.ts'

const TABLE = /(<!-- begin: written by node tests\/image-search\/measure-recall.ts -->\n)[\s\S]*?(<!-- end -->)/
const { root, cache } = readSettings()
const pictures = await samplePictures()
const features = await serviceFeatures((await fetchImageSearch(cache)).imageModel)
const measure = (describe: typeof perceptualHash) => measureRecall({ pictures, queries: pictures.length, describe })
const columns = [await measure(features.describe), await measure(perceptualHash), await measure(colourHistogram)]
await features.close()

const percent = (recall: Recall | undefined) =>
  recall ? `${(recall.atOne * 100).toFixed(1)} / ${(recall.atTen * 100).toFixed(1)}` : ''
const rows = [...(columns[0]?.keys() ?? [])].map(
  (change) => `| ${change} | ${columns.map((column) => percent(column.get(change))).join(' | ')} |`,
)
const table = [
  `| ${pictures.length} pictures, recall@1 / recall@10 in % | model | perceptual hash | colour histogram |`,
  '| --- | --- | --- | --- |',
  ...rows,
  '',
].join('\n')
console.log(table)
const page = join(root, 'docs/image-search.md')
writeFileSync(page, readFileSync(page, 'utf8').replace(TABLE, `$1${table}$2`))
