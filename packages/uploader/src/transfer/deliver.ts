import type { Delivering, Delivery, DeliveryPorts } from './delivery.js'
import { Lane } from './lane.js'
import { Readings } from './reading.js'

/** Brings one artifact to its destinations. They proceed independently; the bytes are read once for all that lack them. */
export function deliver(delivery: Delivery, ports: DeliveryPorts): Delivering {
  const readings = new Readings(delivery, ports)
  // All lanes exist before the first one starts, so that it waits for the others.
  const lanes = delivery.destinations.map((destination) => new Lane(destination, delivery, readings, ports))
  return { arrivals: Promise.all(lanes.map((lane) => lane.run())), idle: readings.idle }
}
