package gradus.weights;

import java.nio.ByteBuffer;

/** The number formats of a safetensors file that can be read as float32. */
enum StoredType {
  F64(8) {
    @Override
    float read(ByteBuffer data, int offset) {
      return (float) data.getDouble(offset);
    }
  },
  F32(4) {
    @Override
    float read(ByteBuffer data, int offset) {
      return data.getFloat(offset);
    }
  },
  F16(2) {
    @Override
    float read(ByteBuffer data, int offset) {
      return halfToFloat(data.getShort(offset));
    }
  },
  BF16(2) {
    @Override
    float read(ByteBuffer data, int offset) {
      return Float.intBitsToFloat(data.getShort(offset) << 16);
    }
  },
  /** Counters, like PyTorch's {@code num_batches_tracked}. */
  I64(8) {
    @Override
    float read(ByteBuffer data, int offset) {
      return data.getLong(offset);
    }
  },
  I32(4) {
    @Override
    float read(ByteBuffer data, int offset) {
      return data.getInt(offset);
    }
  };

  private final int bytes;

  StoredType(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  abstract float read(ByteBuffer data, int offset);

  /** The type of that name, or null. */
  static StoredType named(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /** IEEE 754 half precision; Java has this from version 20 on. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float subnormal = fraction * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }
}
