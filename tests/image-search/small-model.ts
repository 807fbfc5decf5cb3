import { execa } from 'execa'

/** Pixels on each side of what the model takes. */
const SIDE = 32
const DIMENSION = 48

// Mean colours in a grid of 4 by 4: enough to tell drawings apart.
const SCRIPT = `
import sys
from onnx import TensorProto, helper, save
tensor = helper.make_tensor_value_info
graph = helper.make_graph(
    [
        helper.make_node("AveragePool", ["pixels"], ["grid"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["grid"], ["features"]),
    ],
    "colours",
    [tensor("pixels", TensorProto.FLOAT, [1, 3, ${SIDE}, ${SIDE}])],
    [tensor("features", TensorProto.FLOAT, [1, ${DIMENSION}])],
)
save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]), sys.argv[1])
`

/** Writes an ONNX file of another model than that of the set-up; answers the settings for it. */
export async function smallModel(python: string, file: string) {
  await execa(python, ['-c', SCRIPT, file])
  return {
    IMAGE_MODEL: file,
    IMAGE_MODEL_SIDE: SIDE,
    IMAGE_MODEL_DIMENSION: DIMENSION,
    IMAGE_MODEL_MEAN: '127,127,127',
    IMAGE_MODEL_DEVIATION: '128,128,128',
  }
}
