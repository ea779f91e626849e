package gradus.weights;

/**
 * Numbers that tensors of a PyTorch file look at, several perhaps at the same.
 *
 * @param key which part of the file holds them
 * @param format how they are stored
 * @param elements how many there are
 */
record TorchStorage(String key, Format format, long elements) {
  /** PyTorch's names for number formats: {@code torch.FloatStorage} and so on. */
  enum Format {
    FLOAT("Float", StoredType.F32),
    DOUBLE("Double", StoredType.F64),
    HALF("Half", StoredType.F16),
    BFLOAT16("BFloat16", StoredType.BF16),
    LONG("Long", StoredType.I64),
    INT("Int", StoredType.I32),
    SHORT("Short", 2),
    CHAR("Char", 1),
    BYTE("Byte", 1),
    BOOL("Bool", 1),
    COMPLEX_FLOAT("ComplexFloat", 8),
    COMPLEX_DOUBLE("ComplexDouble", 16);

    private final String className;
    private final StoredType type;
    private final int bytes;

    Format(String name, StoredType type) {
      this(name, type, type.bytes());
    }

    Format(String name, int bytes) {
      this(name, null, bytes);
    }

    Format(String name, StoredType type, int bytes) {
      className = "torch." + name + "Storage";
      this.type = type;
      this.bytes = bytes;
    }

    /** How its numbers are read as float32, or null if they are not. */
    StoredType type() {
      return type;
    }

    int bytes() {
      return bytes;
    }

    /** The format of a class, or null. */
    static Format ofClass(String name) {
      for (Format format : values()) {
        if (format.className.equals(name)) {
          return format;
        }
      }
      return null;
    }

    @Override
    public String toString() {
      return className;
    }
  }
}
