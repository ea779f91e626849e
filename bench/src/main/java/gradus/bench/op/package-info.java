/** One kernel at a time, on the shapes of the workloads. */
package gradus.bench.op;
