/** What it costs a training run to be watched by the doctor. */
package gradus.bench.watch;
