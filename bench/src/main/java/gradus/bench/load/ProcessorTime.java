package gradus.bench.load;

import gradus.GradusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How long processors have computed, by Linux's own account.
 *
 * @param seconds since the machine's start, of the clock on the wall
 * @param busySeconds of all processors, for anybody, a hypervisor's other guests included
 * @param ownSeconds of this process and of its children that have ended
 */
record ProcessorTime(double seconds, double busySeconds, double ownSeconds) {
  private static final double TICKS_PER_SECOND = 100; // USER_HZ, on every architecture of Linux

  /** At this moment. */
  static ProcessorTime now() {
    try {
      return parse(
          Files.readString(Path.of("/proc/stat")),
          Files.readString(Path.of("/proc/self/stat")),
          System.nanoTime() * 1e-9);
    } catch (IOException e) {
      throw new GradusException(
          "Cannot read /proc/stat: measuring beside others needs Linux. " + e.getMessage(), e);
    }
  }

  /** From what Linux writes into {@code /proc/stat} and {@code /proc/self/stat}. */
  static ProcessorTime parse(String all, String self, double seconds) {
    // cpu user nice system idle iowait irq softirq steal ..
    long[] ticks =
        Arrays.stream(all.lines().findFirst().orElseThrow().split(" +"))
            .skip(1)
            .mapToLong(Long::parseLong)
            .toArray();
    long busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
    // After the name in brackets, which may have blanks: state .. utime stime cutime cstime
    String[] fields = self.substring(self.lastIndexOf(')') + 2).split(" ", -1);
    long own = 0;
    for (int i = 11; i <= 14; i++) {
      own += Long.parseLong(fields[i]);
    }
    return new ProcessorTime(seconds, busy / TICKS_PER_SECOND, own / TICKS_PER_SECOND);
  }

  /** The part of one processor that others used since {@code earlier}. */
  double othersSince(ProcessorTime earlier) {
    double others = (busySeconds - earlier.busySeconds) - (ownSeconds - earlier.ownSeconds);
    return Math.max(0, others) / Math.max(1e-3, seconds - earlier.seconds);
  }
}
