# Wrote checkpoint.pth and legacy.pth, with Python 3.11 and without PyTorch: python3 make.py
#
# Both hold what torch.save writes for a checkpoint of a data-parallel model, in the format since
# PyTorch 1.6 and in the one before. The pickles are Python's own; only the classes are stand-ins.
# PyTorch itself wrote state_dict.pth: see StateDictFixture.
import collections
import io
import pickle
import struct
import sys
import types
import zipfile

utils = types.ModuleType("torch._utils")
torch = types.ModuleType("torch")
torch._utils = utils
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils


def named(module, name, what):
    what.__module__, what.__name__, what.__qualname__ = module.__name__, name, name
    setattr(module, name, what)
    return what


rebuild_tensor = named(utils, "_rebuild_tensor_v2", lambda *arguments: None)
rebuild_parameter = named(utils, "_rebuild_parameter", lambda *arguments: None)
FloatStorage = named(torch, "FloatStorage", type("FloatStorage", (), {}))
LongStorage = named(torch, "LongStorage", type("LongStorage", (), {}))


class Storage:
    def __init__(self, kind, values):
        self.kind, self.values = kind, values
        self.bytes = struct.pack("<%d%s" % (len(values), "f" if kind is FloatStorage else "q"), *values)


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.view = (storage, offset, size, stride)

    def __reduce_ex__(self, protocol):
        return rebuild_tensor, (*self.view, False, collections.OrderedDict())


class Parameter(Tensor):
    def __reduce_ex__(self, protocol):
        return rebuild_parameter, (Tensor(*self.view), True, collections.OrderedDict())


eighths = Storage(FloatStorage, [i / 8 for i in range(24)])
state = collections.OrderedDict()
state["module.conv.weight"] = Tensor(eighths, 0, (2, 1, 2, 2), (4, 4, 2, 1))
state["module.conv.bias"] = Parameter(Storage(FloatStorage, [-1.5, 2.5]), 0, (2,), (1,))
state["module.fc.weight"] = Tensor(eighths, 8, (4, 4), (1, 4))
state["module.bn.num_batches_tracked"] = Tensor(Storage(LongStorage, [7]), 0, (), ())
state._metadata = collections.OrderedDict([("", {"version": 1}), ("module.bn", {"version": 2})])
checkpoint = {
    "epoch": 300, "best": 0.75, "name": "small", "done": True, "parent": None, "seed": 2**70,
    "state_dict": state,
    "optimizer": {"state": {0: {"step": 70000, "momentum_buffer": Tensor(eighths, 0, (2,), (1,))}},
                  "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "params": [0, 1, 2]}]}}


class Pickler(pickle.Pickler):
    def __init__(self, to, protocol, legacy):
        super().__init__(to, protocol)
        self.storages, self.legacy = {}, legacy

    def persistent_id(self, value):
        if isinstance(value, Storage):
            key = self.storages.setdefault(value, str(len(self.storages) + (94000 if self.legacy else 0)))
            kept = ("storage", value.kind, key, "cuda:0", len(value.values))
            return kept + (None,) if self.legacy else kept


def pickled(value, protocol=2, legacy=False):
    to = io.BytesIO()
    pickler = Pickler(to, protocol, legacy)
    pickler.dump(value)
    return to.getvalue(), pickler.storages


def save(name, protocol):
    content, storages = pickled(checkpoint, protocol)
    with zipfile.ZipFile(name, "w") as archive:
        def put(entry, data):
            archive.writestr(zipfile.ZipInfo("checkpoint/" + entry), data)
        put("data.pkl", content)
        put("byteorder", b"little")
        for storage, key in storages.items():
            put("data/" + key, storage.bytes)
        put("version", b"3\n")


def save_legacy(name):
    content, storages = pickled(checkpoint, legacy=True)
    with open(name, "wb") as file:
        for header in (0x1950A86A20F9469CFC6C, 1001,
                       {"protocol_version": 1001, "little_endian": True,
                        "type_sizes": {"short": 2, "int": 4, "long": 4}}):
            file.write(pickle.dumps(header, 2))
        file.write(content)
        keys = sorted(storages.values())
        file.write(pickle.dumps(keys, 2))
        for key in keys:
            storage = next(s for s, k in storages.items() if k == key)
            file.write(struct.pack("<q", len(storage.values)) + storage.bytes)


if __name__ == "__main__":
    save("checkpoint.pth", 2)
    save("checkpoint_protocol4.pth", 4)
    save_legacy("legacy.pth")
