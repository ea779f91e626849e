package gradus.doctor;

/** How much a finding matters for the run. */
public enum Severity {
  /** The run works, but could be better. */
  MINOR,
  /** The run ends much worse than it could. */
  MAJOR,
  /** The run is of no use as it is. */
  CRITICAL
}
