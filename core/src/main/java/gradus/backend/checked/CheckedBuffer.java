package gradus.backend.checked;

import gradus.backend.Buffer;

/**
 * A handle on a buffer of the backend behind. Every allocation and every loan from the pool gets a
 * new one, so an old handle is known to be dead although its memory lives on in other hands.
 */
final class CheckedBuffer extends Buffer {
  private final Buffer inner;
  private final CheckedBuffer owner; // itself, or the buffer this is a slice of
  private final long firstByte; // from the start of the owner
  private final String origin;
  private String end; // how it died, or null while it lives

  /** A handle that owns {@code inner}. */
  CheckedBuffer(Buffer inner, String origin) {
    super(inner.dtype(), inner.bytes());
    this.inner = inner;
    this.owner = this;
    this.firstByte = 0;
    this.origin = origin;
  }

  /** A slice. */
  CheckedBuffer(Buffer inner, CheckedBuffer of, long first) {
    super(inner.dtype(), inner.bytes());
    this.inner = inner;
    this.owner = of.owner;
    this.firstByte = of.firstByte + first * of.dtype().bytes();
    this.origin = of.origin;
  }

  Buffer inner() {
    return inner;
  }

  boolean isSlice() {
    return owner != this;
  }

  /** How it died, or null while it lives; a slice dies with its owner. */
  String end() {
    return owner.end;
  }

  void end(String how) {
    end = how;
  }

  /** Whether both are the same bytes, no more and no less. */
  boolean isSameRegion(CheckedBuffer other) {
    return owner == other.owner && firstByte == other.firstByte && bytes() == other.bytes();
  }

  /** Whether they share a byte. */
  boolean overlaps(CheckedBuffer other) {
    return owner == other.owner
        && firstByte < other.firstByte + other.bytes()
        && other.firstByte < firstByte + bytes();
  }

  /** Its size and the place in the program that asked for it. */
  @Override
  public String toString() {
    return (isSlice() ? "a slice of " + bytes() + " bytes of " : "")
        + dtype()
        + " buffer of "
        + owner.bytes()
        + " bytes, asked for at "
        + origin;
  }
}
