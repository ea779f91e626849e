package gradus.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A call that puts work on the stream, with its arguments: it can be made now, later, and again.
 * One object serves many calls, one after the other.
 */
final class Command implements AutoCloseable {
  /** What kind of call. */
  interface Routine {
    /** Makes the call, on the stream, with the arguments of {@code command}. */
    void issue(Command command);

    /** Whether a graph that holds the call can be told of other arguments. */
    default boolean takesOtherArguments() {
      return false;
    }
  }

  private static final int MOST_ARGUMENTS = 20;
  private static final int ROOM = 512; // bytes of all arguments: structs are the largest

  private final BytePointer memory = new BytePointer(ROOM + (long) MOST_ARGUMENTS * Long.BYTES);
  private final ByteBuffer bytes =
      memory.asByteBuffer().order(ByteOrder.nativeOrder()); // then where each argument begins
  private final PointerPointer<Pointer> addresses = new PointerPointer<>(memory.getPointer(ROOM));
  private Routine routine;
  private Object subject;
  private int columns;
  private int rows;
  private int count;
  private int length;

  /** Another call: {@code subject} is what the routine works on, such as the kernel. */
  void begin(Routine nextRoutine, Object nextSubject) {
    routine = nextRoutine;
    subject = nextSubject;
    columns = 0;
    rows = 0;
    count = 0;
    length = 0;
  }

  /** An address, or a 64-bit integer. */
  Command with(long value) {
    bytes.putLong(beginArgument(), value);
    length += Long.BYTES;
    return this;
  }

  Command with(int value) {
    return with(Integer.toUnsignedLong(value)); // whole words: no byte is left of an earlier call
  }

  Command with(float value) {
    return with(Float.floatToRawIntBits(value));
  }

  /** A struct of two 64-bit integers. */
  Command with(long first, long second) {
    with(first);
    bytes.putLong(length, second);
    length += Long.BYTES;
    return this;
  }

  /** A struct of ints. */
  Command struct(int[] fields) {
    int at = beginArgument();
    bytes.putLong(at + (fields.length - 1) / 2 * Long.BYTES, 0); // behind an odd one
    for (int field : fields) {
      bytes.putInt(at, field);
      at += Integer.BYTES;
    }
    length += (fields.length + 1) / 2 * Long.BYTES;
    return this;
  }

  private int beginArgument() {
    bytes.putLong(ROOM + count++ * Long.BYTES, memory.address() + length);
    return length;
  }

  /** Of a kernel: how many blocks. */
  Command grid(int x, int y) {
    columns = x;
    rows = y;
    return this;
  }

  void issue() {
    routine.issue(this);
  }

  // What a routine reads.

  Object subject() {
    return subject;
  }

  int columns() {
    return columns;
  }

  int rows() {
    return rows;
  }

  /** Where the arguments lie, as the driver wants to be told. */
  PointerPointer<Pointer> addresses() {
    return addresses;
  }

  /** The word at a place: of arguments without structs, the argument of that number. */
  long number(int word) {
    return bytes.getLong(word * Long.BYTES);
  }

  int integer(int word) {
    return (int) number(word);
  }

  float real(int word) {
    return Float.intBitsToFloat(integer(word));
  }

  // What a graph asks.

  boolean takesOtherArguments() {
    return routine.takesOtherArguments();
  }

  /** A number that commands share which differ at most in arguments a graph can be told of. */
  long outline() {
    long hash = System.identityHashCode(routine) * 31L + System.identityHashCode(subject);
    hash = (hash * 31 + columns) * 31 + rows;
    if (!takesOtherArguments()) {
      for (int i = 0; i < length / Long.BYTES; i++) {
        hash = hash * 31 + number(i);
      }
    }
    return hash;
  }

  /** Whether it is the same call but for its arguments. */
  boolean isLike(Command other) {
    return routine == other.routine
        && subject == other.subject
        && columns == other.columns
        && rows == other.rows
        && length == other.length;
  }

  /** Whether arguments of a like call are the same. */
  boolean hasArgumentsOf(Command other) {
    for (int i = 0; i < length / Long.BYTES; i++) {
      if (number(i) != other.number(i)) {
        return false;
      }
    }
    return true;
  }

  /** Becomes the same call. */
  void copyFrom(Command other) {
    begin(other.routine, other.subject);
    grid(other.columns, other.rows);
    bytes.put(0, other.bytes, 0, other.length);
    length = other.length;
    for (; count < other.count; count++) {
      int at = ROOM + count * Long.BYTES;
      bytes.putLong(at, other.bytes.getLong(at) - other.memory.address() + memory.address());
    }
  }

  @Override
  public void close() {
    addresses.close();
    memory.close();
  }
}
