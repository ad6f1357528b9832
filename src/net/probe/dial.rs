//! From a name to a connection. Names are asked for anew every time.

use std::net::SocketAddr;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::{Cause, Fault, Stage, Trace, bare, has_route, is_address};

/// Connects to the first address of a host that accepts. Where there are several, none may use up the time of the others.
pub(super) async fn dial(host: &str, port: u16, trace: &mut Trace) -> Result<TcpStream, Fault> {
    let host = bare(host);
    trace.enter(Stage::Resolve);
    let addresses = resolve(host, port).await?;
    trace.leave();
    trace.enter(Stage::Connect);
    let mut worst: Option<Fault> = None;
    for (at, address) in addresses.iter().enumerate() {
        let others = u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
        let fault = match timeout(trace.left() / others, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                trace.leave();
                // What is asked is small, and is not to wait for more.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
            Ok(Err(error)) => Fault::of_system(&error, Cause::Refused),
            Err(_) => Fault::new(Cause::Timeout(Stage::Connect), Stage::Connect.waiting()),
        };
        // This machine may lack one kind of addresses; what another kind says counts for more.
        if worst.as_ref().is_none_or(|worst| worst.is_own() || !fault.is_own()) {
            worst = Some(fault);
        }
    }
    Err(worst.unwrap_or_else(|| Fault::new(Cause::Dns, "its name has no address")))
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Fault> {
    if let Some(address) = is_address(host) {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    match lookup_host((host, port)).await {
        Ok(addresses) => Ok(addresses.collect()),
        // A name server that cannot be reached looks like a name that does not exist.
        Err(_) if !has_route() => Err(Fault::own("this machine has no way to any network")),
        Err(error) => Err(Fault::of_system(&error, Cause::Dns)),
    }
}
