package gradus.weights;

import gradus.GradusException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the part of Python's pickle format, protocols 2 to 5, that weights are described in: plain
 * values, lists, tuples, dictionaries. A pickle is a program that may call anything in Python; here
 * what {@link Globals} does not know comes to nothing, and nothing is ever run.
 *
 * <p>Values are String, Long, BigInteger, Double, Boolean, List for lists and tuples, Map, null,
 * what the {@link Globals} make, and {@link Other}.
 */
final class PickleReader {
  /** What a pickle may name. */
  interface Globals {
    /** Whether this means something here, as {@code collections.OrderedDict} does. */
    boolean knows(String name);

    /** What a call of it comes to; nothing {@link Other} is among the arguments. */
    Object call(String name, List<?> arguments);

    /** What lies outside of the pickle under this name. */
    Object persistent(Object id);
  }

  /** Fifty thousand tensors take so many steps, each of which makes one object at most. */
  static final int MAX_STEPS = 1 << 21;

  /** A name that the pickle has brought up. */
  record Global(String name) {}

  /**
   * What the pickle asks for by a name that is not known, or what comes of it: checkpoints hold
   * settings and states of all kinds beside the weights.
   */
  record Other(String name) {}

  private final String where;
  private final ByteBuffer in;
  private final Globals globals;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private PickleReader(String where, ByteBuffer in, Globals globals) {
    this.where = where;
    this.in = in;
    this.globals = globals;
  }

  /**
   * Reads one object, up to the pickle's end.
   *
   * @param where for messages
   * @param in is left behind the pickle
   * @throws GradusException if it is damaged, or uses what is not known
   */
  static Object read(String where, ByteBuffer in, Globals globals) {
    return new PickleReader(where, in.order(ByteOrder.LITTLE_ENDIAN), globals).run();
  }

  private Object run() {
    try {
      for (int steps = 0; steps < MAX_STEPS; steps++) {
        int opcode = next();
        if (opcode == '.') {
          return pop();
        }
        step(opcode);
      }
      throw wrong(
          "has more than "
              + MAX_STEPS
              + " steps. Save the weights alone: torch.save(model.state_dict(), FILE)");
    } catch (BufferUnderflowException e) {
      throw new GradusException(where + " ends in the middle: it is truncated or damaged.", e);
    }
  }

  private void step(int opcode) {
    switch (opcode) {
      case 0x80 -> requireProtocol(next()); // PROTO
      case 0x95 -> in.getLong(); // FRAME, a hint for readers of streams
      case 'N' -> push(null);
      case 0x88 -> push(true); // NEWTRUE
      case 0x89 -> push(false); // NEWFALSE
      case 'J' -> push((long) in.getInt()); // BININT
      case 'K' -> push((long) next()); // BININT1
      case 'M' -> push((long) (in.getShort() & 0xffff)); // BININT2
      case 0x8a -> push(integer(next())); // LONG1
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong()))); // BINFLOAT
      case 'X', 'T' -> push(text(in.getInt())); // BINUNICODE, and BINSTRING of Python 2
      case 0x8c, 'U' -> push(text(next())); // SHORT_BINUNICODE, SHORT_BINSTRING
      case '(' -> marks.add(stack.size());
      case ')' -> push(List.of()); // EMPTY_TUPLE
      case 't' -> push(Collections.unmodifiableList(popToMark())); // TUPLE
      case 0x85, 0x86, 0x87 -> push(Collections.unmodifiableList(pop(opcode - 0x84))); // TUPLE1..3
      case ']' -> push(new ArrayList<>()); // EMPTY_LIST
      case 'a' -> append(pop(1)); // APPEND
      case 'e' -> append(popToMark()); // APPENDS
      case '}' -> push(new LinkedHashMap<>()); // EMPTY_DICT
      case 's' -> putAll(pop(2)); // SETITEM
      case 'u' -> putAll(popToMark()); // SETITEMS
      case 'q' -> memo.put(next(), top()); // BINPUT
      case 'r' -> memo.put(in.getInt(), top()); // LONG_BINPUT
      case 0x94 -> memo.put(memo.size(), top()); // MEMOIZE
      case 'h' -> push(remembered(next())); // BINGET
      case 'j' -> push(remembered(in.getInt())); // LONG_BINGET
      case 'c' -> push(global(line(), line())); // GLOBAL
      case 0x93 -> pushNamedGlobal(pop(2)); // STACK_GLOBAL
      case 'R' -> call(pop(2)); // REDUCE
      case 0x81 -> call(pop(2)); // NEWOBJ
      case 0x92 -> call(pop(3)); // NEWOBJ_EX
      case 'C' -> leaveOut("bytes", bytes(next())); // SHORT_BINBYTES
      case 'B' -> leaveOut("bytes", bytes(in.getInt())); // BINBYTES
      case 0x8f -> push(new Other("set")); // EMPTY_SET
      case 0x90 -> append(popToMark()); // ADDITEMS
      case 0x91 -> leaveOut("frozenset", popToMark()); // FROZENSET
      case 'b' -> build(pop(1).get(0)); // BUILD
      case 'Q' -> push(globals.persistent(pop())); // BINPERSID
      default ->
          throw wrong(
              String.format(
                  "uses opcode 0x%02x at byte %d, which no weights need",
                  opcode, in.position() - 1));
    }
  }

  private int next() {
    return in.get() & 0xff;
  }

  private void requireProtocol(int protocol) {
    if (protocol < 2 || protocol > 5) {
      throw wrong("is of protocol " + protocol + "; 2 to 5 are read");
    }
  }

  private Object integer(int length) {
    if (length == 0) {
      return 0L;
    }
    byte[] bytes = bytes(length);
    for (int i = 0; i < length / 2; i++) {
      byte low = bytes[i];
      bytes[i] = bytes[length - 1 - i];
      bytes[length - 1 - i] = low;
    }
    BigInteger value = new BigInteger(bytes);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private byte[] bytes(int length) {
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private String text(int length) {
    return new String(bytes(length), StandardCharsets.UTF_8);
  }

  private String line() {
    int start = in.position();
    while (in.get() != '\n') {
      // on to the end of the line
    }
    int length = in.position() - 1 - start;
    byte[] bytes = new byte[length];
    in.get(start, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private void push(Object value) {
    stack.add(value);
  }

  private void leaveOut(String name, @SuppressWarnings("unused") Object read) {
    push(new Other(name));
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
  }

  private Object top() {
    if (stack.size() <= floor()) {
      throw wrong("takes what it has not put there at byte " + (in.position() - 1));
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private List<Object> pop(int count) {
    if (stack.size() - count < floor()) {
      throw wrong("takes what it has not put there at byte " + (in.position() - 1));
    }
    return popFrom(stack.size() - count);
  }

  private List<Object> popToMark() {
    if (marks.isEmpty()) {
      throw wrong("goes back to a mark that it has not set at byte " + (in.position() - 1));
    }
    return popFrom(marks.remove(marks.size() - 1));
  }

  private List<Object> popFrom(int first) {
    List<Object> last = stack.subList(first, stack.size());
    List<Object> values = new ArrayList<>(last);
    last.clear();
    return values;
  }

  @SuppressWarnings("unchecked") // only lists that [] pushed are changed; a tuple refuses it
  private void append(List<Object> values) {
    if (top() instanceof Other) {
      return;
    }
    if (!(top() instanceof ArrayList)) {
      throw wrong("appends to what is no list");
    }
    ((List<Object>) top()).addAll(values);
  }

  @SuppressWarnings("unchecked") // all dictionaries here are of any keys to any values
  private void putAll(List<Object> keysAndValues) {
    if (top() instanceof Other) {
      return;
    }
    if (!(top() instanceof Map) || keysAndValues.size() % 2 != 0) {
      throw wrong("sets items of what is no dictionary");
    }
    Map<Object, Object> map = (Map<Object, Object>) top();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      // Weights have names. Hashing a list that holds itself would not end.
      if (key instanceof String || key instanceof Long) {
        map.put(key, keysAndValues.get(i + 1));
      }
    }
  }

  private Object remembered(int number) {
    if (!memo.containsKey(number)) {
      throw wrong("recalls number " + number + ", which it has not stored");
    }
    return memo.get(number);
  }

  private Object global(String module, String name) {
    String full = module + "." + name;
    return globals.knows(full) ? new Global(full) : new Other(full);
  }

  private void pushNamedGlobal(List<Object> moduleAndName) {
    if (!(moduleAndName.get(0) instanceof String module)
        || !(moduleAndName.get(1) instanceof String name)) {
      throw wrong("asks for something whose name is no text");
    }
    push(global(module, name));
  }

  private void call(List<Object> functionAndArguments) {
    Object function = functionAndArguments.get(0);
    if (function instanceof Other) {
      push(function);
      return;
    }
    if (!(function instanceof Global known)
        || !(functionAndArguments.get(1) instanceof List<?> arguments)) {
      throw wrong("calls what is no function at byte " + (in.position() - 1));
    }
    push(
        arguments.stream()
            .filter(Other.class::isInstance)
            .map(Object.class::cast)
            .findFirst()
            .orElseGet(() -> globals.call(known.name(), arguments)));
  }

  /** Attributes, like the _metadata of a state dict, are left out. */
  private void build(Object attributes) {
    if (!(top() instanceof Other) && !(top() instanceof Map && attributes instanceof Map)) {
      throw wrong("gives attributes to what is no dictionary");
    }
  }

  private GradusException wrong(String what) {
    return new GradusException(where + " " + what + ".");
  }
}
