/** Turns a training run into files that people and programs read. */
package gradus.report;
