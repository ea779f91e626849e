package gradus.examples.command;

import gradus.dashboard.Dashboard;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import picocli.CommandLine.Option;

/** The option to watch a run in a browser. */
final class DashboardChoice {
  private static final String LOOPBACK = "127.0.0.1";
  private static final String USUAL = "8090";

  @Option(
      names = "--dashboard",
      paramLabel = "[HOST:]PORT",
      arity = "0..1",
      fallbackValue = USUAL,
      description =
          "Show the report in a browser while training, at http://localhost:8090/. Only this machine"
              + " reaches it, unless HOST is given.")
  private String address;

  /** Checks what was typed. */
  void check() {
    if (address != null) {
      parse();
    }
  }

  /** A dashboard of the run, which the caller closes; null if none was asked for. */
  Dashboard open(RunFolder run, PrintWriter print) {
    if (address == null) {
      return null;
    }
    EngineLog.quiet();
    Dashboard dashboard = Dashboard.start(run.report(), parse());
    print.println("Watch it at " + dashboard.uri());
    print.flush();
    return dashboard;
  }

  private InetSocketAddress parse() {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? LOOPBACK : address.substring(0, colon);
    try {
      int port = Integer.parseInt(address.substring(colon + 1));
      if (port >= 0 && port <= 65535) {
        return new InetSocketAddress(InetAddress.getAllByName(host)[0], port);
      }
    } catch (NumberFormatException wrong) {
      throw refused("the port must be a number from 0 to 65535");
    } catch (UnknownHostException unknown) {
      throw refused("there is no address " + host);
    }
    throw refused("the port must be a number from 0 to 65535");
  }

  private UsageException refused(String reason) {
    return new UsageException("--dashboard is " + address + ", but " + reason + "; 8090 is usual.");
  }
}
