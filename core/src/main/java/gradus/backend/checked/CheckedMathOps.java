package gradus.backend.checked;

import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.MathOps;
import gradus.backend.spec.Activation;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;

/** Elementwise arithmetic with its arguments checked. */
final class CheckedMathOps implements MathOps {
  private static final Shape STATISTICS = Shape.of(6);

  private final MathOps inner;
  private final Checks checks;

  CheckedMathOps(MathOps inner, Checks checks) {
    this.inner = inner;
    this.checks = checks;
  }

  @Override
  public void fill(Buffer y, float value) {
    OpCheck check = checks.of("fill");
    Buffer to = check.writeAny("y", y);
    check.require(y.dtype() == DType.F32, "y holds " + y.dtype() + ", but must hold F32");
    inner.fill(to, value);
  }

  @Override
  public void copy(Buffer x, Buffer y) {
    OpCheck check = checks.of("copy");
    Buffer from = check.readAny("x", x);
    Buffer to = check.writeAny("y", y);
    check.require(
        x.dtype() == y.dtype() && x.bytes() == y.bytes(),
        "x is a " + x + ", but y a " + y + ": type and size must be the same");
    check.noAliasing();
    inner.copy(from, to);
  }

  @Override
  public void add(Buffer a, Buffer b, Buffer y) {
    OpCheck check = checks.of("add").allowSame("a", "y").allowSame("b", "y");
    Buffer left = check.readBytes("a", a, y.bytes());
    Buffer right = check.readBytes("b", b, y.bytes());
    Buffer to = check.writeBytes("y", y, y.bytes());
    check.noAliasing();
    inner.add(left, right, to);
  }

  @Override
  public void multiply(Buffer a, Buffer b, Buffer y) {
    OpCheck check = checks.of("multiply").allowSame("a", "y").allowSame("b", "y");
    Buffer left = check.readBytes("a", a, y.bytes());
    Buffer right = check.readBytes("b", b, y.bytes());
    Buffer to = check.writeBytes("y", y, y.bytes());
    check.noAliasing();
    inner.multiply(left, right, to);
  }

  @Override
  public void addScaled(float alpha, Buffer x, Buffer y) {
    OpCheck check = checks.of("addScaled");
    Buffer from = check.readBytes("x", x, y.bytes());
    Buffer to = check.writeBytes("y", y, y.bytes());
    check.noAliasing();
    inner.addScaled(alpha, from, to);
  }

  @Override
  public void scale(float alpha, Buffer y) {
    inner.scale(alpha, checks.of("scale").writeBytes("y", y, y.bytes()));
  }

  @Override
  public void scaleBy(Buffer scalar, Buffer y) {
    OpCheck check = checks.of("scaleBy");
    Buffer factor = check.read("scalar", scalar, Shape.SCALAR, DENSE);
    Buffer to = check.writeBytes("y", y, y.bytes());
    check.noAliasing();
    inner.scaleBy(factor, to);
  }

  @Override
  public void activation(Activation f, Buffer x, Buffer y) {
    OpCheck check = checks.of("activation " + f.kind()).allowSame("x", "y");
    Buffer from = check.readLike("x", x, y);
    Buffer to = check.writeActivations("y", y);
    check.noAliasing();
    inner.activation(f, from, to);
  }

  @Override
  public void activationBackward(
      Activation f, Buffer x, Buffer y, Buffer dy, Buffer dx, float beta) {
    OpCheck check = checks.of("activationBackward " + f.kind());
    check.beta("beta", beta);
    if (beta == 0) {
      check.allowSame("dy", "dx");
    }
    Buffer in = check.readAsMany("x", x, dx);
    Buffer out = check.readLike("y", y, x);
    Buffer from = check.readAsMany("dy", dy, dx);
    Buffer to = check.writeActivations("dx", dx);
    check.requireRoundedTogether(x, dy, dx, null);
    check.noAliasing();
    inner.activationBackward(f, in, out, from, to, beta);
  }

  @Override
  public void reshape(Buffer x, Shape from, Buffer y, Shape to, float beta) {
    OpCheck check = checks.of("reshape");
    check.beta("beta", beta);
    check.require(
        from.size() == to.size() && from.dim(0) == to.dim(0),
        from + " and " + to + " must be the same batch with as many elements");
    Buffer in = check.readActivations("x", x, from, x);
    Buffer out = check.writeActivations("y", y, to, y);
    check.noAliasing();
    inner.reshape(in, from, out, to, beta);
  }

  @Override
  public void round(Buffer x, Buffer y, Buffer packed) {
    OpCheck check = checks.of("round").allowSame("x", "y");
    Buffer from = check.readBytes("x", x, y == null ? x.bytes() : y.bytes());
    Buffer to = y == null ? null : check.writeBytes("y", y, y.bytes());
    Buffer half = check.writeAny("packed", packed);
    requirePacked(check, packed, x);
    check.noAliasing();
    inner.round(from, to, half);
  }

  @Override
  public void expand(Buffer packed, Buffer y) {
    OpCheck check = checks.of("expand");
    Buffer from = check.readAny("packed", packed);
    Buffer to = check.writeBytes("y", y, y.bytes());
    requirePacked(check, packed, y);
    check.noAliasing();
    inner.expand(from, to);
  }

  private static void requirePacked(OpCheck check, Buffer packed, Buffer wide) {
    check.require(
        packed.dtype().isReducedFloat() && packed.elements() == wide.elements(),
        "packed is a "
            + packed
            + ", but must hold as many BF16 or F16 as there are F32 in "
            + wide);
  }

  @Override
  public void sumOfSquares(Buffer x, long first, long count, Buffer out) {
    OpCheck check = checks.of("sumOfSquares");
    check.require(
        first >= 0 && count >= 0 && first + count <= x.elements(),
        count + " elements from " + first + " do not lie inside " + x);
    Buffer from = check.readBytes("x", x, x.bytes());
    Buffer to = check.write("out", out, Shape.SCALAR, DENSE);
    check.noAliasing();
    inner.sumOfSquares(from, first, count, to);
  }

  @Override
  public void statistics(Buffer x, Shape shape, Placement placement, Buffer out) {
    OpCheck check = checks.of("statistics");
    Buffer from = check.read("x", x, shape, placement);
    Buffer to = check.write("out", out, STATISTICS, DENSE);
    check.noAliasing();
    inner.statistics(from, shape, placement, to);
  }
}
