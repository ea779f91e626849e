package gradus.doctor.cause;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as one types them: {@code 0.05}, {@code 3e-06}. */
final class Digits {
  private static final MathContext THREE = new MathContext(3);
  private static final double TINY = 1e-4;

  private Digits() {}

  /** Three significant digits, without zeros behind them. */
  static String of(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    if (value != 0 && Math.abs(value) < TINY) {
      return String.format(Locale.ROOT, "%.2g", value).replaceFirst("\\.?0*(?=e)", "");
    }
    return new BigDecimal(value).round(THREE).stripTrailingZeros().toPlainString();
  }
}
