export type { HandshakeFault, HandshakeMisbehaviour } from './handshake.js'
export type {
  AnswerMisbehaviour,
  Breach,
  Instead,
  Place,
  ProxyFault,
  ProxyMisbehaviour,
  RequestBreach,
  RequestMisbehaviour,
  Spoilt,
} from './misbehaviour.js'
export type { Outcome, ProxiedRequest, Size } from './requests.js'
export { type FaultProxy, type FaultProxyLimits, type FaultProxyOptions, startFaultProxy } from './start.js'
