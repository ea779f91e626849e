/** The command line of the measurements. */
package gradus.bench.command;
