package gradus.examples.command;

import gradus.doctor.Doctor;
import gradus.doctor.Finding;
import gradus.doctor.Vitals;
import gradus.report.VitalsSeries;
import gradus.train.EpochReport;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The doctor of a run on the command line: writes what the layers do, and knows what was found. */
final class RunDoctor implements TrainingListener, AutoCloseable {
  /** Of a run that none watches. */
  static final RunDoctor NONE = new RunDoctor(null, null);

  private final Doctor doctor;
  private final Path vitals;

  /** Writes the vitals of a doctor, which it closes, into a file. */
  RunDoctor(Doctor doctor, Path vitals) {
    this.doctor = doctor;
    this.vitals = vitals;
  }

  @Override
  public void onEpoch(EpochReport report) {
    write();
  }

  @Override
  public void onEnd(TrainingReport report) {
    write();
  }

  private void write() {
    Vitals seen = doctor.history().vitals();
    if (seen.samples() > 0) {
      new VitalsSeries(seen.gradientLines(), seen.updateLines()).write(vitals);
    }
  }

  /** All findings, notes included, or null if nobody watches. */
  List<Finding> findings() {
    if (doctor == null) {
      return null;
    }
    List<Finding> all = new ArrayList<>(doctor.findings());
    all.addAll(doctor.notes());
    return all;
  }

  /** What is wrong with the run, or null. */
  Finding cause() {
    return doctor == null ? null : doctor.findings().stream().findFirst().orElse(null);
  }

  @Override
  public void close() {
    if (doctor != null) {
      doctor.close();
    }
  }
}
